// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/pool.hpp"

#include <glib.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "glibpp/ref.hpp"
#include "glibpp/source.hpp"
#include "remote/acestep/requests.hpp"
#include "remote/acestep/saved_tasks.hpp"
#include "remote/http.hpp"
#include "remote/volume.hpp"
#include "text/list.hpp"
#include "text/percent.hpp"

namespace infinara::remote {
namespace {

std::atomic<void (*)(bool, const std::string&)> log_sink = nullptr;

Seconds now() {
  return static_cast<Seconds>(g_get_monotonic_time()) / 1e6;
}
double wall() {
  return static_cast<double>(g_get_real_time()) / 1e6;
}

std::uint64_t chance() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

/// What is worth telling again when it changes.
std::vector<ServerView> without_ages(std::vector<ServerView> view) {
  for (ServerView& server : view)
    for (JobView& job : server.jobs) job.age = 0;
  return view;
}

}  // namespace

// Whom to tell; emptied when the order ends.
struct Pool::Cell {
  std::mutex mutex;  // held while the observer is told
  OrderObserver* observer = nullptr;
  OrderId order = 0;  // the pool's thread's alone
};

// Asks the servers, on a thread of its own, while orders are placed.
class Pool::Worker {
 public:
  explicit Worker(Pool& pool) : pool_(pool), thread_([this] { run(); }) {}
  ~Worker() {
    post([](Worker& worker) { worker.leaving_ = true; });
    thread_.join();
  }

  /// Any thread.
  void post(std::function<void(Worker&)> what) {
    {
      const std::lock_guard lock(commands_mutex_);
      commands_.push_back(std::move(what));
    }
    g_main_context_wakeup(context_);
  }

  void place(const std::shared_ptr<Cell>& cell, TrackRequest wanted) {
    cell->order = pool_.book_.order(now(), std::move(wanted));
    cells_[cell->order] = cell;
    seen_.reset();  // a new source is told the present state
  }
  void abandon(const std::shared_ptr<Cell>& cell) {
    cells_.erase(cell->order);
    pool_.book_.abandon(cell->order);
  }
  void outcome(const std::shared_ptr<Cell>& cell, bool good, const std::string& reason) {
    pool_.book_.outcome(now(), cell->order, good, reason);
  }

 private:
  void run() {
    g_main_context_push_thread_default(context_);
    http_ = std::make_unique<HttpClient>(context_);
    if (!pool_.settings_.output_dir.empty())
      volume_ = std::make_unique<Volume>(
          context_, [root = pool_.settings_.output_dir, cleans = pool_.settings_.cleans](
                        const std::vector<std::string>& paths, Spool& spool) {
            return copy_from_volume(root, paths, cleans, spool);
          });
    restore();
    glibpp::Source timer(context_, [] {});
    while (carry_out_commands(), !leaving_) {
      pump();
      timer.ready_in(std::max(0.002, pool_.book_.wake(now()) - now()));
      g_main_context_iteration(context_, TRUE);
    }
    cells_.clear();
    pool_.book_.hang_up();
    volume_.reset();
    http_.reset();
    while (g_main_context_iteration(context_, FALSE)) {
    }
    remember();
    publish();
    g_main_context_pop_thread_default(context_);
  }

  void carry_out_commands() {
    std::unique_lock lock(commands_mutex_);
    for (const auto& what : std::exchange(commands_, {})) {
      lock.unlock();
      what(*this);
      lock.lock();
    }
  }

  void pump() {
    for (Event& event : pool_.book_.step(now()))
      std::visit([this](auto& x) { carry_out(x); }, event);
    remember();
    publish();
  }

  void carry_out(const LogLine& line) {
    if (const auto log = log_sink.load()) log(line.bad, line.text);
    for (const auto& [order, cell] : cells_) {
      const std::lock_guard lock(cell->mutex);
      if (cell->observer == nullptr) continue;
      return cell->observer->logged(line.text);
    }
  }
  void carry_out(const Cancel& cancel) {
    fetches_.erase(cancel.serial);
    if (const auto call = calls_.find(cancel.serial); call != calls_.end())
      http_->cancel(call->second);
    calls_.erase(cancel.serial);
  }
  void carry_out(const Progressed& progress) {
    tell(progress.order, [&](OrderObserver& observer) { observer.progressed(progress); });
  }
  void carry_out(const Arrived& arrived) {
    const auto track = fetches_.extract(arrived.fetch);
    if (!track.empty())
      tell(arrived.order,
           [&](OrderObserver& observer) { observer.arrived(arrived, track.mapped()); });
  }
  void carry_out(const GaveUp& gave_up) {
    if (const auto log = log_sink.load()) log(false, "no track: " + gave_up.reason);
    tell(gave_up.order, [&](OrderObserver& observer) { observer.gave_up(gave_up); });
  }
  void carry_out(const Request& ask) {
    if (ask.kind == Request::Kind::kFetch) return fetch(ask);
    call(ask, request_of(ask, pool_.settings_.servers[ask.server]));
  }

  template <class Tell>
  void tell(OrderId order, Tell tell) {
    const auto found = cells_.find(order);
    if (found == cells_.end()) return;
    const auto cell = found->second;
    const std::lock_guard lock(cell->mutex);
    if (cell->observer != nullptr) tell(*cell->observer);
  }

  const std::string& key_of(std::size_t server) const {
    const auto& [keys, key] = std::tie(pool_.settings_.keys, pool_.settings_.key);
    return server < keys.size() && !keys[server].empty() ? keys[server] : key;
  }

  void call(const Request& ask, HttpRequest request) {
    request.key = key_of(ask.server);
    calls_[ask.serial] = http_->send(std::move(request), [this, ask](Result<HttpAnswer> answer) {
      calls_.erase(ask.serial);
      this->answer(ask, response_of(ask, std::move(answer)));
    });
  }

  void answer(const Request& ask, Response reply) {
    hide(reply, key_of(ask.server));
    if (!std::holds_alternative<Fetched>(reply)) fetches_.erase(ask.serial);
    pool_.book_.reply(now(), ask.serial, reply);
  }

  void fetch(const Request& ask) {
    const auto& settings = pool_.settings_;
    const std::string& dir = pool_.found_dir_.empty() ? settings.remote_dir : pool_.found_dir_;
    auto paths = volume_paths(ask.file, dir);
    if (volume_ == nullptr || paths.empty()) return fetch_by_http(ask, "");
    volume_->copy(std::move(paths), pool_.spool_,
                  [this, ask](Result<VolumeCopy> copy) { copied(ask, std::move(copy)); });
  }

  void copied(const Request& ask, Result<VolumeCopy> copy) {
    if (!copy && copy.error().kind == Error::Kind::kDisk) return answer(ask, copy.error());
    if (!copy) return fetch_by_http(ask, copy.error().detail);
    // The server's name of the folder is what its path has before that below our mount.
    const auto whole = volume_paths(ask.file, "/");
    if (!whole.empty() && whole.front().size() >= copy->path.size())
      pool_.found_dir_ = "/" + whole.front().substr(0, whole.front().size() - copy->path.size());
    while (pool_.found_dir_.size() > 1 && pool_.found_dir_.ends_with('/'))
      pool_.found_dir_.pop_back();
    note_delivery(ask.server, "volume",
                  " come from the volume " + pool_.settings_.output_dir + ", which it calls " +
                      clean_line(pool_.found_dir_));
    if (!copy->uncleaned.empty() && !std::exchange(pool_.clean_told_, true))
      carry_out(LogLine{true, "ACESTEP_CLEAN: " + copy->uncleaned});
    fetches_[ask.serial] = std::move(copy->track);
    answer(ask, Fetched{});
  }

  // How a server's tracks come is said when it is first known and whenever it changes.
  void note_delivery(std::size_t server, const char* way, const std::string& words) {
    auto& known = pool_.deliveries_;
    known.resize(pool_.settings_.servers.size());
    if (known[server] == way) return;
    known[server] = way;
    carry_out(LogLine{false, "the tracks of " + pool_.settings_.servers[server] + words});
  }

  /// `why`: the volume was not used, if there is one.
  void fetch_by_http(const Request& ask, const std::string& why) {
    note_delivery(ask.server, "HTTP",
                  why.empty() ? " come by HTTP" : " come by HTTP, not from the volume: " + why);
    if (!audio_target(ask.file))
      return answer(ask, Error{Error::Kind::kUnsafe,
                               "its place is not on the server: " + clean_line(ask.file, 100)});
    auto made = pool_.spool_->make();
    if (!made) return answer(ask, made.error());
    const std::shared_ptr<SpooledTrack> track = *std::move(made);
    fetches_[ask.serial] = track;
    HttpRequest request = request_of(ask, pool_.settings_.servers[ask.server]);
    request.sink = [track](std::span<const std::byte> bytes) { return track->write(bytes); };
    call(ask, std::move(request));
  }

  void restore() {
    if (pool_.restored_ || pool_.settings_.state_file.empty()) return;
    pool_.restored_ = true;
    char* bytes = nullptr;
    gsize size = 0;
    if (!g_file_get_contents(pool_.settings_.state_file.c_str(), &bytes, &size, nullptr)) return;
    const glibpp::String text(bytes);
    pool_.book_.restore(now(), parse_saved_tasks({text.get(), size}, wall()));
  }

  // Writes the tasks that are open, when there are others than last time.
  void remember() {
    if (pool_.settings_.state_file.empty()) return;
    const auto kept = pool_.book_.kept(now());
    std::set<std::string> ids;
    for (const SavedTask& x : kept) ids.insert(x.server + x.task_id);
    if (ids == pool_.remembered_) return;
    pool_.remembered_ = std::move(ids);
    const std::string text = print_saved_tasks(kept, wall());
    const auto& path = pool_.settings_.state_file;
    const glibpp::String folder(g_path_get_dirname(path.c_str()));
    g_mkdir_with_parents(folder.get(), 0700);
    glibpp::Error error;
    if (!g_file_set_contents_full(path.c_str(), text.data(), static_cast<gssize>(text.size()),
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, error.out()) &&
        !std::exchange(pool_.state_told_, true))
      carry_out(LogLine{true, "open tasks are not remembered: " + error.message()});
  }

  void publish() {
    auto view = pool_.book_.servers(now());
    for (std::size_t i = 0; i < pool_.deliveries_.size(); ++i)
      view[i].delivery = pool_.deliveries_[i];
    {
      const std::lock_guard lock(pool_.view_mutex_);
      pool_.view_ = view;
    }
    auto seen = without_ages(view);
    if (seen == seen_ || cells_.empty()) return;
    seen_ = std::move(seen);
    for (const auto& [order, cell] : cells_) {
      const std::lock_guard lock(cell->mutex);
      if (cell->observer != nullptr) cell->observer->servers_changed(view);
    }
  }

  Pool& pool_;
  const glibpp::Ref<GMainContext> context_ = glibpp::Ref<GMainContext>::adopt(g_main_context_new());
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Volume> volume_;  // if one is mounted
  std::map<OrderId, std::shared_ptr<Cell>> cells_;
  std::map<std::uint64_t, std::uint64_t> calls_;  // serial of an Request -> its HTTP call
  std::map<std::uint64_t, std::shared_ptr<SpooledTrack>> fetches_;
  std::optional<std::vector<ServerView>> seen_;  // without ages, as last told
  std::mutex commands_mutex_;
  std::vector<std::function<void(Worker&)>> commands_;
  bool leaving_ = false;
  std::thread thread_;
};

namespace {

Error no_address(std::string_view url) {
  // What stands before an @ may be a password.
  return {Error::Kind::kRejected,
          "not the address of a server: " + clean_line(url.substr(url.rfind('@') + 1), 80)};
}

// Takes the key out of http://KEY@HOST.
Result<std::pair<std::string, std::string>> without_key(std::string_view url) {
  const auto host = url.find("://");
  const auto end = host == url.npos ? url.npos : url.find_first_of("/?#", host + 3);
  const auto at = url.substr(0, end).rfind('@');
  if (host == url.npos || at == url.npos) return std::pair{std::string(url), std::string()};
  const std::string_view user = url.substr(host + 3, at - host - 3);
  const auto key = text::percent_decoded(user);
  if (user.empty() || user.find_first_of(":@") != user.npos || !key ||
      !std::ranges::all_of(*key, [](char c) { return c > ' ' && c <= '~'; }))
    return no_address(url);
  return std::pair{std::string(url.substr(0, host + 3)) + std::string(url.substr(at + 1)), *key};
}

}  // namespace

Result<Addresses> parse_addresses(const std::string& text, const std::string& keys) {
  std::vector<std::pair<std::string, std::string>> named;  // address, its own key
  for (auto item : text::items_of(text)) {
    while (item.ends_with('/')) item.remove_suffix(1);
    if (item.empty()) continue;
    auto split = without_key(item);
    if (!split) return std::move(split).error();
    named.push_back(*std::move(split));
    const std::string& url = named.back().first;
    if (origin_of(url).empty() || url.find_first_of("@?#") != std::string::npos)
      return no_address(item);
  }
  if (named.empty()) return Error{Error::Kind::kRejected, "no server is named"};
  // The key of a single server may have a comma in it.
  const auto listed = text::items_of(keys);
  const bool is_one = named.size() == 1 || listed.size() == 1;
  if (!is_one && listed.size() != named.size())
    return Error{Error::Kind::kRejected, std::to_string(listed.size()) + " keys for " +
                                             std::to_string(named.size()) + " servers"};
  Addresses out;
  for (std::size_t i = 0; i < named.size(); ++i) {
    auto& [url, key] = named[i];
    if (std::ranges::find(out.servers, url) != out.servers.end()) continue;
    if (key.empty()) key = is_one ? std::string_view(keys) : listed[i];
    out.servers.push_back(std::move(url));
    out.keys.push_back(std::move(key));
  }
  return out;
}

Result<std::vector<std::string>> parse_locations(const std::string& text) {
  auto addresses = parse_addresses(text, "");
  if (!addresses) return std::move(addresses).error();
  return std::move(addresses->servers);
}

std::shared_ptr<Pool> Pool::of(const PoolSettings& settings) {
  static std::mutex mutex;
  static auto& all = *new std::map<PoolSettings, std::shared_ptr<Pool>>;
  const std::lock_guard lock(mutex);
  auto& pool = all[settings];
  if (pool == nullptr) pool = std::make_shared<Pool>(settings);
  return pool;
}

void Pool::set_log(void (*log)(bool, const std::string&)) {
  log_sink = log;
}

Pool::Pool(PoolSettings settings)
    : settings_(std::move(settings)),
      spool_(std::make_shared<Spool>(
          settings_.spool_dir.empty() ? g_get_tmp_dir() : settings_.spool_dir,
          settings_.spool_most)),
      book_(settings_.servers, chance(), {}),
      view_(book_.servers(now())) {
  HttpClient::learn_types();
}

Pool::~Pool() = default;

std::vector<ServerView> Pool::servers() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

void Pool::enter() {
  const std::lock_guard lock(worker_mutex_);
  if (placed_ == 0) worker_ = std::make_unique<Worker>(*this);
  ++placed_;  // not before: a worker that cannot be made throws
}

void Pool::leave() {
  const std::lock_guard lock(worker_mutex_);
  if (--placed_ == 0) worker_.reset();
}

void Pool::post(std::function<void(Worker&)> what) {
  const std::lock_guard lock(worker_mutex_);
  worker_->post(std::move(what));
}

PlacedOrder::PlacedOrder(std::shared_ptr<Pool> pool, TrackRequest wanted, OrderObserver& observer)
    : pool_(std::move(pool)), cell_(std::make_shared<Pool::Cell>()) {
  cell_->observer = &observer;
  pool_->enter();
  pool_->post([cell = cell_, wanted = std::move(wanted)](Pool::Worker& worker) {
    worker.place(cell, wanted);
  });
}

PlacedOrder::~PlacedOrder() {
  {
    const std::lock_guard lock(cell_->mutex);
    cell_->observer = nullptr;
  }
  pool_->post([cell = cell_](Pool::Worker& worker) { worker.abandon(cell); });
  pool_->leave();
}

void PlacedOrder::outcome(bool good, const std::string& reason) {
  pool_->post(
      [cell = cell_, good, reason](Pool::Worker& worker) { worker.outcome(cell, good, reason); });
}

}  // namespace infinara::remote
