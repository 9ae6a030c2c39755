// SPDX-License-Identifier: Apache-2.0
#include "acestep/acestep_mailbox.hpp"

#include <utility>

namespace infinara {

onair::Servers servers_message(const std::vector<remote::ServerView>& view) {
  onair::Servers out;
  for (const auto& server : view) {
    auto& one = out.servers.emplace_back();
    one.url = server.url;
    one.state = remote::name_of(server.state);
    one.reason = server.reason;
    one.model = server.model;
    one.running = static_cast<unsigned>(server.running);
    one.waiting = static_cast<unsigned>(server.waiting);
    one.seconds_per_second = server.seconds_per_second;
    one.last_error = server.last_error;
    one.note = server.note;
    one.delivery = server.delivery;
    for (const auto& job : server.jobs)
      one.jobs.push_back({job.genre, job.progress, job.stage, job.age, job.order != 0});
  }
  return out;
}

std::optional<AceStepMailbox::Mail> AceStepMailbox::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock,
                [this] { return flushing_ || mail_.progress || mail_.arrived || mail_.gave_up; });
  if (flushing_) return {};
  return std::exchange(mail_, {});
}

void AceStepMailbox::put_back(Mail mail) {
  const std::lock_guard lock(mutex_);
  mail_ = std::move(mail);
}

void AceStepMailbox::clear() {
  put_back({});
}

void AceStepMailbox::set_flushing(bool flushing) {
  {
    const std::lock_guard lock(mutex_);
    flushing_ = flushing;
  }
  changed_.notify_all();
}

void AceStepMailbox::progressed(const remote::Progressed& progress) {
  {
    const std::lock_guard lock(mutex_);
    mail_.progress = progress;
  }
  changed_.notify_all();
}

void AceStepMailbox::arrived(const remote::Arrived& arrived,
                             std::shared_ptr<remote::SpooledTrack> track) {
  {
    const std::lock_guard lock(mutex_);
    mail_.arrived = arrived;
    mail_.track = std::move(track);
  }
  changed_.notify_all();
}

void AceStepMailbox::gave_up(const remote::GaveUp& end) {
  {
    const std::lock_guard lock(mutex_);
    mail_.gave_up = end;
  }
  changed_.notify_all();
}

void AceStepMailbox::servers_changed(const std::vector<remote::ServerView>& view) {
  onair::post(&element_, servers_message(view));
}

void AceStepMailbox::logged(const std::string& text) {
  onair::post(&element_, onair::Remark{0, text});
}

}  // namespace infinara
