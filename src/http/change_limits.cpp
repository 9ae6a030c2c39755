// SPDX-License-Identifier: Apache-2.0
#include "http/change_limits.hpp"

namespace infinara::http {
namespace {

constexpr double kMinute = 60;
constexpr std::size_t kMaxNetworks = 4096;  // remembered; then everybody else waits

}  // namespace

double ChangeLimits::admit(const door::Address& from, bool is_skip, double now) {
  if (is_skip && now < next_skip_) return next_skip_ - now;
  if (settings_.per_minute > 0) {
    const auto network = from.network();
    if (!changes_.contains(network) && changes_.size() >= kMaxNetworks) {
      forget(now);
      if (changes_.size() >= kMaxNetworks) return kMinute;
    }
    auto& times = changes_[network];
    while (!times.empty() && times.front() <= now - kMinute) times.pop_front();
    if (times.size() >= static_cast<std::size_t>(settings_.per_minute))
      return times.front() + kMinute - now;
    times.push_back(now);
  }
  if (is_skip) next_skip_ = now + settings_.skip_seconds;
  return 0;
}

void ChangeLimits::forget(double now) {
  std::erase_if(changes_, [&](const auto& one) { return one.second.back() <= now - kMinute; });
}

}  // namespace infinara::http
