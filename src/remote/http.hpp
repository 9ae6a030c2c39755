// SPDX-License-Identifier: Apache-2.0
// One HTTP client: request in, status and body or an Error out, with bounds on everything: time,
// size, redirects. All of it on the thread that runs its GMainContext.
#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "glibpp/ref.hpp"
#include "remote/error.hpp"
#include "remote/time.hpp"

using SoupSession = struct _SoupSession;

namespace infinara::remote {

struct HttpRequest {
  std::string url{};
  std::string key{};                  // sent as a bearer, if not empty
  std::optional<std::string> body{};  // JSON; makes it a POST
  Seconds timeout = 10;               // for the whole call, or for each 16 KiB if there is a sink
  std::int64_t most = 1 << 20;        // bytes of the answer
  /// Takes the bytes of a 200, if set; else they are kept. Error ends the call.
  std::function<std::optional<Error>(std::span<const std::byte>)> sink{};
};

struct HttpAnswer {
  int status = 0;
  std::string type{};  // Content-Type without parameters, in lower case
  std::string body{};  // of a call without sink, or of one that was not a 200
};

class HttpClient {
 public:
  using Done = std::function<void(Result<HttpAnswer>)>;

  /// Call before the first thread that has one (docs/decisions/process.md, "Types are registered
  /// before threads start").
  static void learn_types();

  /// Works while `context` is iterated by the calling thread, whose default it must be.
  explicit HttpClient(GMainContext* context);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  /// Cancels what is under way, without calling anybody.
  ~HttpClient();

  /// `done` is called once, later, unless the call is cancelled. The number names the call.
  std::uint64_t send(HttpRequest request, Done done);
  void cancel(std::uint64_t call);

 private:
  class Call;
  void ended(std::uint64_t call);

  const glibpp::Ref<GMainContext> context_;
  const glibpp::Ref<SoupSession> session_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Call*> calls_;
  std::shared_ptr<int> living_ = std::make_shared<int>(0);  // calls not yet freed
};

/// Scheme, host and port of a URL, comparable; empty if it is not http or https.
std::string origin_of(const std::string& url);

}  // namespace infinara::remote
