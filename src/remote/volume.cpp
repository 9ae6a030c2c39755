// SPDX-License-Identifier: Apache-2.0
#include "remote/volume.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "posix/thread.hpp"

namespace infinara::remote {
namespace {

using Kind = Error::Kind;

}  // namespace

// What the two threads share; it outlives a Volume whose thread hangs.
struct Volume::Shared {
  struct Order {
    std::uint64_t number;
    std::vector<std::string> paths;
    std::shared_ptr<Spool> spool;
  };
  explicit Shared(Copier does) : copier(std::move(does)) {}

  const Copier copier;
  std::mutex mutex;  // guards all below
  std::condition_variable changed;
  Volume* owner = nullptr;  // null once it is gone
  bool busy = false;
  std::deque<Order> orders;
  std::vector<std::pair<std::uint64_t, Result<VolumeCopy>>> results;
  std::thread thread;

  static void run(const std::shared_ptr<Shared>& self) {
    std::unique_lock lock(self->mutex);
    for (;;) {
      self->changed.wait(lock, [&] { return self->owner == nullptr || !self->orders.empty(); });
      if (self->owner == nullptr) return;
      const Order order = std::move(self->orders.front());
      self->orders.pop_front();
      self->busy = true;
      lock.unlock();
      auto made = self->copier(order.paths, *order.spool);
      lock.lock();
      self->busy = false;
      if (self->owner == nullptr) return;
      self->results.emplace_back(order.number, std::move(made));
      self->owner->delivery_.ready_now();
    }
  }
};

Volume::Volume(GMainContext* context, Copier copier, Seconds patience)
    : context_(glibpp::Ref<GMainContext>::share(context)),
      patience_(patience),
      delivery_(context, [this] { deliver(); }),
      shared_(std::make_shared<Shared>(std::move(copier))) {
  shared_->owner = this;
  shared_->thread =
      posix::quiet_thread("acestep-volume", [shared = shared_] { Shared::run(shared); });
}

Volume::~Volume() {
  bool busy = false;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->owner = nullptr;
    shared_->orders.clear();
    busy = shared_->busy;
  }
  shared_->changed.notify_all();
  if (busy)
    shared_->thread.detach();
  else
    shared_->thread.join();
}

void Volume::copy(std::vector<std::string> paths, std::shared_ptr<Spool> spool, Done done) {
  const std::uint64_t number = next_++;
  Seconds patience = patience_;
  {
    const std::lock_guard lock(shared_->mutex);
    // One that hangs has been given up already, so none waits though the thread is busy.
    if (shared_->busy && waiting_.empty())
      patience = 0;
    else
      shared_->orders.push_back({number, std::move(paths), std::move(spool)});
  }
  shared_->changed.notify_all();
  glibpp::Source timer(context_, [this, number] { give_up(number); });
  timer.ready_in(patience);
  waiting_.emplace(number, Waiting{std::move(done), std::move(timer)});
}

void Volume::give_up(std::uint64_t number) {
  {
    const std::lock_guard lock(shared_->mutex);
    std::erase_if(shared_->orders, [&](const auto& order) { return order.number == number; });
  }
  auto waiting = waiting_.extract(number);
  if (waiting.empty()) return;
  waiting.mapped().done(Error{Kind::kTimeout, "it does not answer"});
}

void Volume::deliver() {
  std::vector<std::pair<std::uint64_t, Result<VolumeCopy>>> results;
  {
    const std::lock_guard lock(shared_->mutex);
    results.swap(shared_->results);
  }
  for (auto& [number, result] : results) {
    auto waiting = waiting_.extract(number);
    if (waiting.empty()) continue;  // it came too late
    waiting.mapped().done(std::move(result));
  }
}

Result<VolumeCopy> copy_from_volume(const std::string& root, const std::vector<std::string>& paths,
                                    bool cleans, Spool& spool) {
  Error missing{Kind::kNotFound, root + ": the track's path leads nowhere in it"};
  for (const std::string& path : paths) {
    auto copied = copy_below(root, path, spool, cleans);
    if (copied) return VolumeCopy{std::move(copied->track), path, std::move(copied->unremoved)};
    missing = std::move(copied).error();
    if (missing.kind != Kind::kNotFound) break;
  }
  return missing;
}

}  // namespace infinara::remote
