// SPDX-License-Identifier: Apache-2.0
#include "door/acceptor.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "door/socket_io.hpp"

namespace infinara::door {
namespace {

Socket spare_descriptor() {
  return Socket(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Acceptor::Acceptor(const std::string& address, int port)
    : socket_(listen_on(address, port)), port_(port_of(socket_)), spare_(spare_descriptor()) {
  if (!spare_) throw CannotListen("cannot listen: " + std::system_category().message(errno), errno);
}

Acceptor::Accepted Acceptor::accept(const std::string& refusal) {
  using What = Accepted::What;
  Accepted accepted{What::kClient};
  socklen_t length = sizeof accepted.name;
  accepted.socket = Socket(::accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&accepted.name),
                                     &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted.socket) return accepted;
  if (errno == EMFILE || errno == ENFILE) return refuse_with_spare(refusal);
  if (errno == ENOBUFS || errno == ENOMEM) return {What::kPause};
  return {errno == EAGAIN ? What::kNothing : What::kGone};
}

/// No descriptor is left. The spare one accepts the client, which gets the refusal; otherwise it
/// and all clients behind it would wait in the backlog.
Acceptor::Accepted Acceptor::refuse_with_spare(const std::string& refusal) {
  using What = Accepted::What;
  Accepted refused{What::kNothing};
  spare_.reset();
  Socket client(::accept4(socket_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (client) {
    send_and_close(std::move(client), refusal);
    refused.is_refused = true;
  }
  spare_ = spare_descriptor();
  // Another thread took the descriptor: accept again after a pause, rather than spin.
  if (!spare_) refused.what = What::kPause;
  return refused;
}

void Acceptor::recover() {
  if (!spare_) spare_ = spare_descriptor();
}

}  // namespace infinara::door
