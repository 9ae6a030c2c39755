// SPDX-License-Identifier: Apache-2.0
// One port for page, API and sound. Listeners go straight to the radio; all other requests are
// answered on the main loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "app/api.hpp"
#include "door/door.hpp"
#include "http/public_url.hpp"
#include "station/radio.hpp"
#include "webrtc/signalling.hpp"

namespace infinara::app {

using station::Radio;

class HttpServer {
 public:
  /// Takes a GET or HEAD of a stream, on the door's thread; must not block. The request's path is
  /// that of one of station::kOutputs, whatever the client called it.
  using Listen = std::function<void(door::AcceptedRequest)>;

  struct Settings {
    door::Settings door;
    /// Where clients find the station; without, what they and their proxies say.
    std::optional<http::PublicUrl> public_url{};
    ApiSettings api{};
  };

  /// Listens from now on; answers on the default main context as soon as that runs. `radio`,
  /// `memory` and `sessions` are asked there only, and outlive the server. A change is answered
  /// when it is saved. Throws door::CannotListen.
  HttpServer(Settings settings, Radio& radio, memory::Memory& memory, webrtc::Sessions& sessions,
             Listen listen);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace infinara::app
