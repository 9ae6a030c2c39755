// SPDX-License-Identifier: Apache-2.0
#include "station/logbook.hpp"

#include <cmath>
#include <utility>

#include "onair/joins.hpp"

namespace infinara::station {
namespace {

constexpr const char* kHouseBand = "housebandsrc";

std::string clock_text(double seconds) {
  const auto whole = std::lround(seconds);
  const auto rest = std::to_string(whole % 60);
  return std::to_string(whole / 60) + ":" + (rest.size() < 2 ? "0" : "") + rest;
}

std::string told(const onair::GenreDecided& genre) {
  return "genre: " + genre.genre + " (" + genre.reason + ")" +
         (genre.dwell_end > genre.position
              ? ", for " + clock_text(double(genre.dwell_end - genre.position) / 1e9)
              : "");
}

}  // namespace

std::string Logbook::line_of(const onair::Message& message) {
  if (const auto* on_air = std::get_if<onair::OnAir>(&message)) {
    const auto track = std::exchange(track_, on_air->track.order.id);
    const auto told_at = std::exchange(told_at_, on_air->position);
    const auto title = std::exchange(title_, on_air->track.name());
    // Once more on air after frames were left out; a new pipeline counts from nothing.
    if (track != 0 && track == track_ && told_at < told_at_ && title == title_) return "";
    const std::string before = std::exchange(player_, on_air->track.generator);
    const bool is_other = !before.empty() && before != player_;
    return "on air: \"" + on_air->track.name() + "\", " + on_air->track.order.genre + ", " +
           clock_text(on_air->track.duration()) + ", by " + player_ +
           (!is_other               ? ""
            : player_ == kHouseBand ? ", which covers for " + before
                                    : ", which takes over from " + before);
  }
  if (const auto* fade = std::get_if<onair::Fade>(&message))
    return fade->plan.empty() ? "" : "join: " + fade->plan;
  if (const auto* join = std::get_if<onair::Join>(&message))
    return "join measured: " + onair::words_of(*join);
  if (const auto* genre = std::get_if<onair::GenreDecided>(&message)) return told(*genre);
  if (const auto* generator = std::get_if<onair::Generator>(&message)) {
    const std::string said = std::exchange(remark_, {});
    const bool is_said = !said.empty() && generator->reason.find(said) != generator->reason.npos;
    return "generator: " + generator->name +
           (generator->up ? " " + generator->reason
            : is_said     ? " is down"  // the line before says why
                          : " is down: " + generator->reason);
  }
  if (const auto* remark = std::get_if<onair::Remark>(&message)) return remark_ = remark->text;
  return "";
}

std::string Logbook::line_of(const ListenerCounts& now) {
  // A new pipeline counts from nothing.
  const unsigned dropped = now.dropped > dropped_ ? now.dropped - dropped_ : 0;
  dropped_ = now.dropped;
  if (now.listeners == listeners_ && dropped == 0 && now.refused == 0) return "";
  listeners_ = now.listeners;
  std::string line =
      std::to_string(now.listeners) + (now.listeners == 1 ? " listener" : " listeners");
  if (now.webrtc > 0) line += ", " + std::to_string(now.webrtc) + " by WebRTC";
  if (dropped > 0)
    line += "; " + std::to_string(dropped) + " disconnected, too slow or no longer reading";
  if (now.refused > 0) line += "; " + std::to_string(now.refused) + " refused, the station is full";
  return line;
}

}  // namespace infinara::station
