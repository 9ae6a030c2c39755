// SPDX-License-Identifier: Apache-2.0
#include "app/events.hpp"

#include <sys/random.h>

#include <chrono>
#include <variant>

#include "app/descriptions.hpp"
#include "text/printable.hpp"

namespace infinara::app {
namespace {

using namespace std::chrono_literals;
using json::Object;

constexpr auto kTick = 2s;
constexpr unsigned kSilentTicks = 7;           // then a heartbeat
constexpr unsigned kListenersTicks = 5;        // between two events of how many listen
constexpr unsigned kServersTicks = 15;         // and of what servers do
constexpr std::size_t kMostKept = 256 * 1024;  // bytes
constexpr std::size_t kMostClients = 5000;

cast::BroadcasterOptions options() {
  cast::BroadcasterOptions options;
  options.name = "";
  options.content_type = "text/event-stream";
  options.interval = cast::Seconds(5);  // each event is sent as it comes; only a full socket waits
  options.at_live_edge = true;
  options.max_lag = cast::Seconds(60);
  options.max_listeners = kMostClients;
  return options;
}

std::string any_name() {
  std::uint32_t number = 0;
  static_cast<void>(::getrandom(&number, sizeof number, 0));
  return std::to_string(number);
}

}  // namespace

Events::Events(station::Radio& radio, const memory::Memory& memory)
    : radio_(radio), memory_(memory), log_(any_name(), kMostKept), broadcaster_(options(), {}) {
  radio_.observe([this](const station::RadioEvent& event) { hear(event); });
  ticking_.every(kTick, [this] { tick(); });
}

Events::~Events() {
  radio_.observe(nullptr);
}

void Events::add(door::AcceptedRequest accepted) {
  const auto header = [&](const char* name) {
    const auto* value = accepted.request.header(name);
    return value != nullptr ? *value : std::string();
  };
  cast::StreamRequest request;
  request.minor = accepted.request.minor;
  request.agent = text::printable(header("user-agent"));
  request.address = accepted.peer.address;
  if (accepted.request.method == door::Method::kHead) {
    request.kind = cast::StreamRequest::Kind::kHead;
  } else if (auto missed = log_.since(header("last-event-id"))) {
    request.opening = std::move(missed);
  } else {
    request.opening = log_.opening("snapshot", status_json(radio_, memory_));
    if (!wish_.empty()) *request.opening += "event: wish\ndata: " + wish_ + "\n\n";
  }
  broadcaster_.add(accepted.socket.release(), request,
                   std::make_shared<door::ConnectionSlot>(std::move(accepted.slot)));
}

void Events::send(std::string_view name, const std::string& data) {
  broadcaster_.append(cast::bytes_of(log_.add(name, data)), 1s);
  ticks_silent_ = 0;
}

void Events::hear(const station::RadioEvent& event) {
  if (const auto* wish = std::get_if<station::Wish>(&event)) {
    wish_genre_ = wish->genre;
    send("wish", wish_ = json_of(*wish, radio_).text());
  } else if (std::holds_alternative<station::PlaySettings>(event)) {
    send("settings", settings_json(radio_).text());
  } else if (std::holds_alternative<station::NewProgramme>(event)) {
    send("snapshot", status_json(radio_, memory_));
  } else if (const auto& message = std::get<onair::Message>(event);
             const auto* servers = std::get_if<onair::Servers>(&message)) {
    servers_now_ = json_of(*servers).text();
  } else if (const auto event = event_of(message, radio_)) {
    const auto* on_air = std::get_if<onair::OnAir>(&message);
    if (on_air != nullptr && on_air->track.order.genre == wish_genre_) wish_ = wish_genre_ = "";
    send(event->name, event->data.text());
  }
}

/// What changes often is told at intervals.
void Events::tick() {
  const auto now = radio_.now();
  if (const std::pair listeners{now.listeners, now.peers};
      ++ticks_since_listeners_ >= kListenersTicks && listeners != listeners_) {
    ticks_since_listeners_ = 0;
    listeners_ = listeners;
    send("listeners",
         Object().set("http_listeners", now.listeners).set("webrtc_listeners", now.peers).text());
  }
  if (++ticks_since_servers_ >= kServersTicks && servers_ != servers_now_) {
    servers_ = servers_now_;
    ticks_since_servers_ = 0;
    send("servers", servers_);
  }
  if (++ticks_silent_ >= kSilentTicks) {
    broadcaster_.append(cast::bytes_of(EventLog::kHeartbeat), 1s);
    ticks_silent_ = 0;
  }
}

}  // namespace infinara::app
