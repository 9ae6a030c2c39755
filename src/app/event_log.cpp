// SPDX-License-Identifier: Apache-2.0
#include "app/event_log.hpp"

#include "text/number.hpp"

namespace infinara::app {
namespace {

constexpr std::string_view kRetry = "retry: 2000\n\n";  // ms

}  // namespace

std::string EventLog::text_of(std::uint64_t id, std::string_view name,
                              std::string_view data) const {
  std::string text = "id: " + run_ + "-" + std::to_string(id) + "\nevent: ";
  ((text += name) += "\ndata: ") += data;
  return text + "\n\n";
}

const std::string& EventLog::add(std::string_view name, std::string_view data) {
  kept_.push_back(text_of(++last_, name, data));
  bytes_ += kept_.back().size();
  while (bytes_ > most_ && kept_.size() > 1) {
    bytes_ -= kept_.front().size();
    kept_.pop_front();
  }
  return kept_.back();
}

std::string EventLog::opening(std::string_view name, std::string_view data) const {
  return std::string(kRetry) + text_of(last_, name, data);
}

std::optional<std::string> EventLog::since(std::string_view last_id) const {
  const auto dash = last_id.rfind('-');
  if (dash == last_id.npos || last_id.substr(0, dash) != run_) return {};
  const auto id = text::number<std::uint64_t>(last_id.substr(dash + 1));
  if (!id || *id > last_ || last_ - *id > kept_.size()) return {};
  std::string missed(kRetry);
  for (auto event = kept_.end() - static_cast<std::ptrdiff_t>(last_ - *id); event != kept_.end();
       ++event)
    missed += *event;
  return missed;
}

}  // namespace infinara::app
