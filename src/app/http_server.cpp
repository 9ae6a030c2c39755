// SPDX-License-Identifier: Apache-2.0
#include "app/http_server.hpp"

#include <gio/gio.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "app/events.hpp"
#include "glibpp/source.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"

namespace infinara::app {
namespace {

/// Call before the first thread (docs/decisions/process.md, "Types are registered before threads
/// start").
void learn_types() {
  for (const GType type : {G_TYPE_INET_SOCKET_ADDRESS, G_TYPE_SOCKET, G_TYPE_TCP_CONNECTION,
                           G_TYPE_SOCKET_CLIENT, G_TYPE_TASK})
    g_type_class_unref(g_type_class_ref(type));
}

std::string_view header(const door::Request& request, std::string_view name) {
  const std::string* value = request.header(name);
  return value != nullptr ? std::string_view(*value) : std::string_view();
}

/// The values of all headers of this name, as one list.
std::string list_header(const door::Request& request, std::string_view name) {
  std::string list;
  for (const auto& header : request.headers)
    if (header.name == name) (list += list.empty() ? "" : ", ") += header.value;
  return list;
}

/// A connection is kept for clients that ask for it, as browsers do: whoever says nothing may not
/// know when an answer is over but by its end.
bool wants_to_stay(const door::Request& request) {
  const std::string list = list_header(request, "connection");
  const auto items = text::items_of(list);
  return std::ranges::any_of(
      items, [](std::string_view item) { return text::equal_ignoring_case(item, "keep-alive"); });
}

/// What is asked for, without the path at which a proxy shows the station: it may strip that or
/// pass it through.
void strip_prefix(door::Request& request, const std::string& prefix) {
  if (Endpoints::has(request.path) || webrtc::is_signalling(request.path)) return;
  if (auto path = http::without_prefix(request.path, prefix)) request.path = *std::move(path);
}

/// "/radio" is a page whose links lead beside it; "/radio/" is the one that is meant. Relative,
/// since only the client knows what stands before.
Reply redirect_into(const door::Request& request) {
  const std::string last = request.path.substr(request.path.rfind('/') + 1);
  return {.status = request.method == door::Method::kGet || request.method == door::Method::kHead
                        ? 301
                        : 308,
          .type = "text/plain",
          .headers = {{"Location", last + "/" + (request.query.empty() ? "" : "?" + request.query)},
                      {"Cache-Control", "no-cache"}}};
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(Settings settings, Radio& radio, memory::Memory& memory, webrtc::Sessions& sessions,
       Listen listen)
      : events_(radio, memory),
        endpoints_(radio, memory, std::move(settings.api), [this] { return events_.totals(); }),
        sessions_(sessions),
        listen_(std::move(listen)),
        public_url_(std::move(settings.public_url)),
        arrival_((learn_types(), nullptr), [this] { answer_all(); }),
        door_(std::move(settings.door),
              [this](door::AcceptedRequest accepted) { enter(std::move(accepted)); }) {}

  int port() const { return door_.port(); }

 private:
  struct Arrived {
    door::AcceptedRequest accepted;
    http::PublicUrl url;
  };

  /// On the door's thread.
  void enter(door::AcceptedRequest accepted) {
    auto& request = accepted.request;
    auto url = public_url_ ? *public_url_ : http::public_url_of(request, accepted.forwarded);
    strip_prefix(request, url.path);
    const auto output = station::output_at(request.path);
    const bool looks =
        request.method == door::Method::kGet || request.method == door::Method::kHead;
    if (output && looks && rights_of(request).listen) {
      request.path = station::kOutputs[*output].path;
      return listen_(std::move(accepted));
    }
    {
      const std::lock_guard lock(mutex_);
      arrived_.push_back({std::move(accepted), std::move(url)});
    }
    arrival_.ready_now();
  }

  /// Any thread.
  http::Rights rights_of(const door::Request& request) const {
    return http::rights_of(header(request, "authorization"), endpoints_.secrets());
  }

  void answer_all() {
    std::vector<Arrived> arrived;
    {
      const std::lock_guard lock(mutex_);
      arrived.swap(arrived_);
    }
    for (auto& each : arrived) reply(std::make_shared<Arrived>(std::move(each)));
  }

  void reply(const std::shared_ptr<Arrived>& arrived) {
    const door::AcceptedRequest& accepted = arrived->accepted;
    const door::Request& asked = accepted.request;
    const std::string base = arrived->url.text();
    const std::string if_none_match = list_header(asked, "if-none-match");
    const std::string accept_encoding = list_header(asked, "accept-encoding");
    const std::string if_match = list_header(asked, "if-match");
    if (!arrived->url.path.empty() && asked.path == arrived->url.path &&
        !Endpoints::has(asked.path))
      return answer(arrived->accepted, redirect_into(asked));
    const Request request{.method = door::name_of(asked.method),
                          .path = asked.path,
                          .query = asked.query,
                          .body = accepted.body,
                          .from = accepted.client.name(),
                          .base = base,
                          .public_host = public_url_ ? std::string_view(public_url_->host) : "",
                          .rights = rights_of(asked),
                          .host = asked.host,
                          .origin = header(asked, "origin"),
                          .fetch_site = header(asked, "sec-fetch-site"),
                          .if_none_match = if_none_match,
                          .if_match = if_match,
                          .content_type = header(asked, "content-type"),
                          .accept_encoding = accept_encoding,
                          .cookie = header(asked, "cookie")};
    if (request.path == Events::kPath && (request.method == "GET" || request.method == "HEAD"))
      return events_.add(std::move(arrived->accepted));
    if (!webrtc::is_signalling(request.path)) {
      const Reply reply = endpoints_.answer(request);
      if (asked.method != door::Method::kPost) return answer(arrived->accepted, reply);
      return answer_when_saved(arrived, reply);
    }
    if (!request.rights.listen && request.method != "OPTIONS") {
      Reply refusal = http::unauthorized("to listen here takes a password", false);
      refusal.headers.emplace_back("Access-Control-Allow-Origin", "*");
      return answer(arrived->accepted, refusal);
    }
    webrtc::signal(request, sessions_,
                   [this, here = std::weak_ptr<bool>(here_), arrived](const Reply& reply) {
                     if (!here.expired()) answer(arrived->accepted, reply);
                   });
  }

  /// What the reply says of a change is then true of the next start as well.
  void answer_when_saved(const std::shared_ptr<Arrived>& arrived, const Reply& reply) {
    struct Late {
      Impl* self;
      std::weak_ptr<bool> here;
      std::shared_ptr<Arrived> arrived;
      Reply reply;
    };
    endpoints_.memory().when_saved([late = Late{this, here_, arrived, reply}] {
      g_idle_add_full(
          G_PRIORITY_DEFAULT,
          [](gpointer data) -> gboolean {
            auto& late = *static_cast<Late*>(data);
            if (!late.here.expired()) late.self->answer(late.arrived->accepted, late.reply);
            return G_SOURCE_REMOVE;
          },
          new Late(late), [](gpointer data) { delete static_cast<Late*>(data); });
    });
  }

  void answer(door::AcceptedRequest& accepted, const Reply& reply) {
    const bool head_only = accepted.request.method == door::Method::kHead;
    const bool keep = wants_to_stay(accepted.request);
    door_.answer(std::move(accepted), http::response_of(reply, head_only, keep), keep);
  }

  Events events_;
  Endpoints endpoints_;
  webrtc::Sessions& sessions_;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // for answers that come late
  Listen listen_;
  const std::optional<http::PublicUrl> public_url_;
  std::mutex mutex_;  // guards arrived_
  std::vector<Arrived> arrived_;
  glibpp::Source arrival_;  // (g_main_context_invoke would run on the door's thread)
  door::Door door_;         // last: its thread uses all of the above
};

HttpServer::HttpServer(Settings settings, Radio& radio, memory::Memory& memory,
                       webrtc::Sessions& sessions, Listen listen)
    : impl_(std::make_unique<Impl>(std::move(settings), radio, memory, sessions,
                                   std::move(listen))) {}

HttpServer::~HttpServer() = default;

int HttpServer::port() const {
  return impl_->port();
}

}  // namespace infinara::app
