// SPDX-License-Identifier: Apache-2.0
// A table of routes, and the replies that follow from it alone: 404, 405, OPTIONS, the pages, and
// the headers that browsers go by.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/access.hpp"
#include "http/message.hpp"
#include "http/pages.hpp"
#include "http/replies.hpp"

namespace infinara::http {

/// `App` is what handlers ask.
template <class App>
struct Route {
  using Handler = Reply (*)(const Request&, App&);

  std::string_view path;   // one that ends with a slash leads to all paths that go on from there
  Handler get = nullptr;   // and HEAD
  Handler post = nullptr;  // never called for another site's page
  bool is_for_listeners = false;  // POST takes the right to listen, not that to control
  bool needs_listening = false;   // GET takes the right to listen
  bool needs_control = false;     // GET takes that to control
  bool is_open = false;           // to the scripts of other sites
  bool is_sent_apart = false;     // GET and HEAD are answered by others, and never come here
};

/// How a path may be asked.
struct Methods {
  bool get = false, post = false, is_open = false;
  bool get_listens = false, get_controls = false;  // which right GET needs
  bool post_controls = true;                       // POST needs that one, not only to listen
};

/// The reply where no handler has a say: to OPTIONS, to a method that is not served, to whoever has
/// not the right, to another site's page.
std::optional<Reply> reply_without_handler(const Request& request, const Methods& methods);

Reply page_reply(const Page& page, const Request& request);

template <class App>
const Route<App>* find_route(std::span<const Route<App>> routes, std::string_view path) {
  const auto found = std::ranges::find_if(routes, [&](const Route<App>& route) {
    return path == route.path || (route.path.ends_with('/') && path.starts_with(route.path));
  });
  return found == routes.end() ? nullptr : &*found;
}

/// The reply of a route or, where there is none, of a page.
template <class App>
Reply reply_by(std::span<const Route<App>> routes, const Request& request, App& app) {
  const Route<App>* route = find_route(routes, request.path);
  const Page* page = route == nullptr ? find_page(request.path) : nullptr;
  const auto reply = [&]() -> Reply {
    if (request.method == "OPTIONS" && request.path == "*")
      return {.status = 204, .headers = {{"Allow", "GET, HEAD, POST, PATCH, DELETE, OPTIONS"}}};
    if (route == nullptr && page == nullptr) return reply_of(Refused{404, "there is nothing here"});
    const Methods methods = page != nullptr
                                ? Methods{.get = true, .get_listens = true}
                                : Methods{.get = route->get != nullptr || route->is_sent_apart,
                                          .post = route->post != nullptr,
                                          .is_open = route->is_open,
                                          .get_listens = route->needs_listening,
                                          .get_controls = route->needs_control,
                                          .post_controls = !route->is_for_listeners};
    if (auto early = reply_without_handler(request, methods)) return *std::move(early);
    if (page != nullptr)
      return page_reply(request.path == "/" ? page_at(*page, request.base) : *page, request);
    const auto handler = request.method == "POST" ? route->post : route->get;
    if (handler == nullptr) return reply_of(Refused{404, "there is nothing here"});
    try {
      return handler(request, app);
    } catch (const Refused& refused) {
      return reply_of(refused);
    }
  };
  Reply answered = reply();
  answered.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (route != nullptr && route->is_open)
    answered.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return answered;
}

}  // namespace infinara::http
