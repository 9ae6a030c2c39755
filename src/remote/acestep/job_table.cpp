// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/job_table.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace infinara::remote {
namespace {

constexpr Seconds kKeepSpare = 6 * 3600;
constexpr std::size_t kMostSpare = 8;

}  // namespace

JobTable::Key JobTable::key_of(std::size_t server, const std::string& task_id) {
  return std::to_string(server) + "/" + task_id;
}

std::string JobTable::task_id_of(const Key& key) {
  return key.substr(key.find('/') + 1);
}

const JobTable::Entry* JobTable::find(const Key& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() ? &found->second : nullptr;
}

JobTable::Entry* JobTable::find(const Key& key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

void JobTable::put(const Key& key, Entry entry) {
  entries_.insert_or_assign(key, std::move(entry));
}

void JobTable::leave(const Key& key) {
  if (Entry* entry = find(key)) entry->order = 0;
}

int JobTable::running(std::size_t server) const {
  return static_cast<int>(std::ranges::count_if(entries_, [&](const auto& x) {
    return x.second.server == server && !x.second.is_finished();
  }));
}

std::vector<std::string> JobTable::running_ids(std::size_t server) const {
  std::vector<std::string> ids;
  for (const auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished()) ids.push_back(task_id_of(key));
  return ids;
}

std::optional<Seconds> JobTable::next_poll(std::size_t server) const {
  std::optional<Seconds> at;
  for (const auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished())
      at = std::min(at.value_or(entry.job.next_poll()), entry.job.next_poll());
  return at;
}

std::optional<Seconds> JobTable::late_at(std::size_t server) const {
  std::optional<Seconds> at;
  for (const auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished())
      at = std::min(at.value_or(entry.job.late_at()), entry.job.late_at());
  return at;
}

void JobTable::died(std::size_t server) {
  for (auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished()) entry.job.server_died();
}

void JobTable::was_silent(std::size_t server, Seconds gap) {
  for (auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished()) entry.job.was_silent(gap);
}

void JobTable::heard_load(std::size_t server, const Stats& stats) {
  for (auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished())
      entry.job.server_load(stats.running + stats.waiting == 0, stats.running);
}

void JobTable::one_ended(Seconds now, std::size_t server) {
  for (auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished()) entry.since = std::max(entry.since, now);
}

std::string JobTable::standstill(Seconds now, std::size_t server) const {
  std::string why;
  for (const auto& [key, entry] : entries_)
    if (entry.server == server && !entry.is_finished() && entry.job.standstill(now))
      why = "a task " + (entry.job.stage().empty() ? "" : "at \"" + entry.job.stage() + "\" ") +
            "has not moved for long";
  return why;
}

double JobTable::pace(Seconds now, std::size_t server) const {
  double pace = 0;
  for (const auto& [key, entry] : entries_) {
    if (entry.server != server || entry.is_finished()) continue;
    if (entry.job.loads_model() || !entry.job.started()) continue;
    const double so_far = (now - *entry.job.started()) / std::max(entry.task.duration, 1.0);
    if (so_far > 1) pace = std::max(pace, std::exp2(std::floor(std::log2(so_far))) + 0.01);
  }
  return pace;
}

std::vector<JobTable::Key> JobTable::late(Seconds now) const {
  std::vector<Key> keys;
  for (const auto& [key, entry] : entries_)
    if (!entry.is_finished() && entry.job.tick(now) == Job::Outcome::kLate) keys.push_back(key);
  return keys;
}

void JobTable::expire(Seconds now) {
  std::erase_if(entries_, [&](const auto& x) {
    return x.second.order == 0 && now - x.second.job.submitted() > kKeepSpare;
  });
  const auto is_spare = [](const auto& x) { return x.second.order == 0 && x.second.is_finished(); };
  while (std::ranges::count_if(entries_, is_spare) > static_cast<std::ptrdiff_t>(kMostSpare)) {
    auto oldest = entries_.end();
    for (auto at = entries_.begin(); at != entries_.end(); ++at)
      if (is_spare(*at) &&
          (oldest == entries_.end() || at->second.job.submitted() < oldest->second.job.submitted()))
        oldest = at;
    entries_.erase(oldest);
  }
}

std::optional<JobTable::Key> JobTable::find_spare(
    bool finished, const std::function<bool(const Entry&)>& fits) const {
  for (const auto& [key, entry] : entries_)
    if (entry.order == 0 && entry.is_finished() == finished && fits(entry)) return key;
  return std::nullopt;
}

std::vector<JobView> JobTable::views(Seconds now, std::size_t server) const {
  std::vector<JobView> out;
  for (const auto& [key, entry] : entries_)
    if (entry.server == server)
      out.push_back({task_id_of(key), entry.order, entry.wanted.genre,
                     entry.is_finished() ? 1.0 : entry.job.progress(),
                     entry.is_finished() ? "finished" : entry.job.stage(),
                     now - entry.job.submitted()});
  return out;
}

std::vector<SavedTask> JobTable::saved(Seconds now, const std::vector<std::string>& urls) const {
  std::vector<SavedTask> out;
  for (const auto& [key, entry] : entries_)
    out.push_back({urls[entry.server], task_id_of(key), entry.wanted, entry.task,
                   now - entry.job.submitted()});
  return out;
}

void JobTable::restore(Seconds now, const std::vector<std::string>& urls,
                       const std::vector<SavedTask>& saved) {
  for (const SavedTask& x : saved) {
    const auto found = std::ranges::find(urls, x.server);
    if (found == urls.end() || x.age > kLongestTask || entries_.size() >= kMostSpare) continue;
    const auto server = static_cast<std::size_t>(found - urls.begin());
    entries_.emplace(key_of(server, x.task_id), Entry{.server = server,
                                                      .wanted = x.wanted,
                                                      .task = x.task,
                                                      .job = Job(now, {}),
                                                      .since = now});
  }
}

}  // namespace infinara::remote
