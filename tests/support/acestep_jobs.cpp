// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_jobs.hpp"

#include <algorithm>
#include <ctime>

#include "support/acestep_tracks.hpp"
#include "support/http_answers.hpp"
#include "text/ascii.hpp"

namespace support {
namespace {

constexpr int kFaultyPolls = 2;
constexpr int kMostTogether = 4;  // tracks of one job
const std::string kHostile =
    std::string("\r\nSet-Cookie: a=b\n\x1b[31m") + '\0' + "<script>alert(1)</script>';--\x7f";

std::string clock_text() {
  const std::time_t when = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&when, &utc);
  char text[12];
  std::strftime(text, sizeof text, "%H:%M:%S", &utc);
  return text;
}

}  // namespace

std::chrono::steady_clock::time_point FastClock::real(double when) const {
  const double seconds = std::min(when / speed_, 1e8);
  return born_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                     std::chrono::duration<double>(seconds));
}

std::int64_t wall_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Jobs::Jobs(const DoubleSettings& settings, Identity identity, Shelf& shelf, const FastClock& clock,
           std::function<void(bool)> dies)
    : set_(settings),
      identity_(std::move(identity)),
      shelf_(shelf),
      clock_(clock),
      dies_(std::move(dies)),
      has_model_(settings.first_load < 0),
      random_(settings.seed) {
  worker_ = std::thread([this] { work(); });
}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void Jobs::set_loaded(bool loaded, int port) {
  const std::lock_guard lock(mutex_);
  loaded_ = loaded;
  last_line_ = "INFO:     Uvicorn running on http://127.0.0.1:" + std::to_string(port) +
               " (Press CTRL+C to quit)";
  changed_.notify_all();
}

Jobs::Job Jobs::new_job(const Asked& asked, Fault fault) {
  Job job;
  job.id = uuid();
  job.asked = asked;
  job.asked.batch_size = std::min(asked.batch_size, kMostTogether);
  job.fault = fault;
  job.created = wall_milliseconds() / 1000;
  job.submitted = clock_.now();
  job.takes = set_.delay + set_.delay_per_second * asked.duration.value_or(20);
  return job;
}

/// Somebody else's order, just before one of ours.
void Jobs::put_before(const Asked& asked, Fault fault) {
  Job job = new_job(asked, fault);
  job.is_stranger = true;
  ++counts_.total;
  queue_.push_back(job.id);
  jobs_.emplace(job.id, std::move(job));
}

std::optional<Jobs::Taken> Jobs::take(const Asked& asked, Fault fault) {
  const std::lock_guard lock(mutex_);
  ++counts_.total;
  if (queue_.size() >= set_.queue_most || fault == Fault::kSubmitBusy) {
    ++leaked_;  // the server's own mistake: refused orders stay counted
    return {};
  }
  if (fault == Fault::kBehind) put_before(asked, Fault::kNone);
  if (fault == Fault::kForgotten) put_before(asked, Fault::kDie);
  Job job = new_job(asked, fault);
  if (fault == Fault::kLate) job.takes *= 3;
  if (fault >= Fault::kQueryTextError && fault <= Fault::kQueryRedirect)
    job.faulty_polls = kFaultyPolls;
  const std::string id = job.id;
  if (fault != Fault::kLost) {
    queue_.push_back(id);
    jobs_.emplace(id, std::move(job));
  }
  const auto position = static_cast<int>(queue_.size());
  if (set_.workers > 1) claim();
  most_open_ = std::max(most_open_, static_cast<int>(queue_.size()) + counted().running);
  changed_.notify_all();
  return Taken{id, position};
}

std::string Jobs::entry_of(const AskedId& asked) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(asked.id);
  if (found == jobs_.end() || found->second.is_forgotten)
    return query_entry(asked.json, "[]", 0, {});
  const Job& job = found->second;
  std::optional<std::string> line;
  if (set_.dialect != Dialect::kFeb04) line = last_line_;
  if (!set_.keeps && line && (job.state == Job::State::kDone || job.state == Job::State::kFailed))
    line = "";
  if (job.state == Job::State::kDone) return query_entry(asked.json, job.result, 1, line);
  if (job.state == Job::State::kFailed) return query_entry(asked.json, job.result, 2, line);
  const std::string item = job.state == Job::State::kQueued
                               ? queued_item(identity_, job.created)
                               : running_item(identity_, job.created, progress_of(job));
  const double patience = job.fault == Fault::kLate ? job.takes * 0.4 : set_.task_timeout;
  if (clock_.now() - job.submitted > patience) return query_entry(asked.json, item, 2, {});
  return query_entry(asked.json, item, 0, line);
}

Fault Jobs::poll(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.faulty_polls == 0) return Fault::kNone;
  --found->second.faulty_polls;
  return found->second.fault;
}

void Jobs::forget(bool gently) {
  const std::lock_guard lock(mutex_);
  loaded_ = false;
  forget_all(gently);
}

void Jobs::forget_all(bool gently) {
  ++generation_;
  for (const std::string& id : queue_) jobs_.erase(id);
  queue_.clear();
  claimed_.clear();
  if (!set_.keeps) std::erase_if(jobs_, [](const auto& x) { return !x.second.started; });
  for (auto& [id, job] : jobs_) {
    if (!set_.keeps) job.is_forgotten = true;
    if (job.state != Job::State::kRunning || job.frozen) continue;
    job.frozen = gently ? Progress{0.99, "Preparing audio data..."} : progress_of(job);
  }
  counts_ = {};
  leaked_ = 0;
  job_seconds_.clear();
  changed_.notify_all();
}

void Jobs::unblock() {
  const std::lock_guard lock(mutex_);
  unblocked_ = true;
  changed_.notify_all();
}

bool Jobs::answers() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

bool Jobs::has_model() const {
  const std::lock_guard lock(mutex_);
  return has_model_;
}

Counts Jobs::counts() const {
  const std::lock_guard lock(mutex_);
  return counted();
}

int Jobs::most_open() const {
  const std::lock_guard lock(mutex_);
  return most_open_;
}

Counts Jobs::counted() const {
  Counts counts = counts_;
  counts.queue_size = static_cast<int>(queue_.size());
  counts.queued = counts.queue_size + leaked_;
  counts.queue_most = static_cast<int>(set_.queue_most);
  for (const auto& [id, job] : jobs_)
    if (job.state == Job::State::kRunning && !job.frozen) ++counts.running;
  if (!job_seconds_.empty()) {
    double sum = 0;
    for (const double seconds : job_seconds_) sum += seconds;
    counts.mean_seconds = sum / static_cast<double>(job_seconds_.size());
  }
  return counts;
}

Progress Jobs::progress_of(const Job& job) const {
  if (job.frozen) return *job.frozen;
  if (!job.started) return progress_at(0, job.asked.batch_size, job.asked.thinking);
  double share = (clock_.now() - *job.started) / job.takes;
  if (job.fault == Fault::kHang) share = std::min(share, 0.1201);
  if (job.fault == Fault::kStall) share = std::min(share, 0.91);
  Progress progress = progress_at(std::min(share, 0.98), job.asked.batch_size, job.asked.thinking);
  if (job.fault == Fault::kControlCharacters) progress.stage += kHostile;
  return progress;
}

bool Jobs::is_blocked(const Job& job) const {
  return (job.fault == Fault::kHang || job.fault == Fault::kStall) && !unblocked_;
}

bool Jobs::fails(const Job& job) const {
  return job.fault == Fault::kOutOfMemory || job.fault == Fault::kNanInModel ||
         (job.asked.needs_lm && set_.lm == Lm::kAbsent) || job.asked.batch_size < 1;
}

/// Lets as many jobs be called running as there are workers.
void Jobs::claim() {
  while (loaded_ && !queue_.empty() &&
         static_cast<std::size_t>(counted().running) < std::max<std::size_t>(set_.workers, 1)) {
    Job& job = jobs_.at(queue_.front());
    queue_.pop_front();
    job.state = Job::State::kRunning;
    job.claimed = clock_.now();
    claimed_.push_back(job.id);
  }
}

void Jobs::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    claim();
    if (stopping_) return;
    if (claimed_.empty()) {
      changed_.wait(lock, [&] { return stopping_ || (!queue_.empty() && loaded_); });
      continue;
    }
    const std::string id = claimed_.front();
    claimed_.pop_front();
    // A map's nodes stay where they are, and running jobs are kept.
    run(lock, jobs_.at(id));
  }
}

/// One job, until it is over or the process that worked on it.
void Jobs::run(std::unique_lock<std::mutex>& lock, Job& job) {
  job.started = clock_.now();
  last_line_ = clock_text() + " | INFO | [generate_music] Preparing inputs...";
  const int generation = generation_;
  const auto is_over = [&] { return stopping_ || generation_ != generation; };
  // While it answers nothing, all stands still.
  const auto be_silent = [&](double until) {
    answers_ = false;
    wait_until(lock, until, is_over);
    answers_ = true;
    return is_over();
  };
  if (!has_model_) {
    if (be_silent(clock_.now() + set_.first_load)) return;
    has_model_ = true;
    job.started = clock_.now();
  }
  std::vector<std::string> contents;
  if (!fails(job) && job.fault != Fault::kSilent && !is_blocked(job) && !job.is_stranger) {
    const Asked asked = job.asked;
    const std::string& model = model_for(identity_, asked.model);
    const bool is_turbo = model.find("turbo") != model.npos;
    const bool garbles = set_.forces_dcw && !is_turbo && asked.dcw_enabled.value_or(true);
    const Fault fault = garbles ? Fault::kGarbled : job.fault;
    const std::uint64_t seed = random_();
    lock.unlock();
    for (int n = 0; n < asked.batch_size; ++n)
      contents.push_back(track_of(asked, fault, seed + static_cast<std::uint64_t>(n), set_));
    lock.lock();
    if (is_over()) return;
  }
  if (job.fault == Fault::kStop) {
    if (wait_until(lock, *job.started + 0.3 * job.takes, is_over)) return;
    if (be_silent(clock_.now() + set_.down)) return;
    *job.started += set_.down;
  }
  const bool restarts = job.fault == Fault::kRestart;
  if (job.fault == Fault::kDie || job.fault == Fault::kDieGently || restarts) {
    if (wait_until(lock, *job.started + 0.6 * job.takes, is_over)) return;
    if (restarts) return forget_all(false);
    const bool gently = job.fault == Fault::kDieGently;
    lock.unlock();
    dies_(gently);
    lock.lock();
    changed_.wait(lock, is_over);
    return;
  }
  if (is_blocked(job)) {
    wait_until(lock, *job.started + set_.hangs_for, [&] { return is_over() || unblocked_; });
    if (is_over()) return;
  } else {
    const double share = job.fault == Fault::kOutOfMemory ? 0.3 : 1;
    if (wait_until(lock, *job.started + share * job.takes, is_over)) return;
  }
  if (fails(job) || job.fault == Fault::kHang || job.fault == Fault::kStall)
    fail(job);
  else
    succeed(job, contents);
  job_seconds_.push_back(clock_.now() - job.claimed);
  if (job_seconds_.size() > 50) job_seconds_.pop_front();
}

void Jobs::fail(Job& job) {
  job.state = Job::State::kFailed;
  job.result =
      failed_item(identity_, job.created,
                  "Traceback (most recent call last):\n  File \"/app/acestep/api_server.py\", "
                  "line 1, in _run\nRuntimeError: CUDA out of memory\n");
  ++counts_.failed;
}

void Jobs::succeed(Job& job, const std::vector<std::string>& contents) {
  job.state = Job::State::kDone;
  if (set_.log) set_.log("finished " + job.id);
  ++counts_.succeeded;
  Made made{job.asked, job.created, {}, {}, job.takes, ""};
  for (int n = 0; n < std::max(job.asked.batch_size, 1); ++n)
    made.seeds.push_back(std::to_string(heeds_seed(job.asked, set_.dialect)
                                            ? job.asked.seed
                                            : static_cast<std::int64_t>(random_() >> 32)));
  for (const std::string& bytes : contents) made.files.push_back(store(job, bytes));
  if (made.files.empty()) {
    made.files.push_back("");
    last_line_ = clock_text() +
                 " | WARNING | [generate_music] Silent output detected (idx=0, RMS=0.00e+00, "
                 "peak=0.00e+00). Likely cause: LLM backend returned empty conditioning, or "
                 "incompatible torch/triton/flash-attn. Suggest running with --backend pt.";
  }
  Identity identity = identity_;
  identity.dit_model = model_for(identity_, job.asked.model);
  if (job.fault == Fault::kControlCharacters) {
    made.suffix = kHostile;
    identity.dit_model += kHostile;
  }
  job.result = succeeded_items(identity, made);
}

/// Writes a track as the server does and returns what `file` says of it.
std::string Jobs::store(const Job& job, const std::string& bytes) {
  const std::string extension = extension_for(job.asked.audio_format, set_.dialect);
  const Shelf::Place place = shelf_.put(uuid() + "." + extension, bytes, job.fault);
  last_line_ = clock_text() + " | DEBUG | [AudioSaver] Saved audio to " + place.path + " (" +
               infinara::text::lowered(extension) + ", 48000Hz)";
  return place.file;
}

std::string Jobs::uuid() {
  const std::uint64_t a = random_();
  const std::uint64_t b = random_();
  return hex(a >> 32, 8) + "-" + hex(a >> 16, 4) + "-4" + hex(a, 3) + "-" +
         hex((b >> 48 & 0x3fff) | 0x8000, 4) + "-" + hex(b, 12);
}

}  // namespace support
