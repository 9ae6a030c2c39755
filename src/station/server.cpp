// SPDX-License-Identifier: Apache-2.0
#include "station/server.hpp"

#include <gio/gio.h>
#include <libsoup/soup.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "gstpp/ref.hpp"
#include "station/api.hpp"
#include "text/list.hpp"

namespace infinara::station {
namespace {

using gstpp::Ref;

// From the hand-over to the end of the answer. A body of 64 KiB that takes longer is an attack.
constexpr guint kDeadlineSeconds = 10;

/// What belongs to a connection inside libsoup: it leaves with the connection's last reference.
struct Inside {
  door::Visit visit;
  GSocket* socket;  // the connection's
  guint deadline;
};

/// libsoup knows no time-outs: at the deadline its socket is shut down under it, which it takes for
/// the client's leaving.
void keep_with(GSocketConnection* connection, door::Visit visit) {
  auto* inside = new Inside{std::move(visit), g_socket_connection_get_socket(connection), 0};
  inside->deadline = g_timeout_add_seconds(
      kDeadlineSeconds,
      [](gpointer data) -> gboolean {
        auto* inside = static_cast<Inside*>(data);
        inside->deadline = 0;
        g_socket_shutdown(inside->socket, TRUE, TRUE, nullptr);
        return G_SOURCE_REMOVE;
      },
      inside);
  g_object_weak_ref(
      G_OBJECT(connection),
      [](gpointer data, GObject*) {
        auto* inside = static_cast<Inside*>(data);
        if (inside->deadline != 0) g_source_remove(inside->deadline);
        delete inside;
      },
      inside);
}

/// Call before the first thread (HACKING.md, "Classes before threads").
void learn_types() {
  for (const GType type : {G_TYPE_INET_SOCKET_ADDRESS, G_TYPE_SOCKET, G_TYPE_TCP_CONNECTION,
                           G_TYPE_SOCKET_CLIENT, G_TYPE_TASK, SOUP_TYPE_SERVER,
                           SOUP_TYPE_SERVER_MESSAGE, SOUP_TYPE_SESSION, SOUP_TYPE_MESSAGE})
    g_type_class_unref(g_type_class_ref(type));
}

sockaddr_storage sender_of(SoupServerMessage* message) {
  sockaddr_storage name{};
  if (GSocketAddress* remote = soup_server_message_get_remote_address(message); remote != nullptr)
    g_socket_address_to_native(remote, &name, sizeof name, nullptr);
  return name;
}

/// The value of a header that holds one value.
std::string_view header(SoupMessageHeaders* headers, const char* name) {
  const char* value = soup_message_headers_get_one(headers, name);
  return value != nullptr ? value : "";
}

/// The values of all headers of this name, as one list.
std::string_view list_header(SoupMessageHeaders* headers, const char* name) {
  const char* value = soup_message_headers_get_list(headers, name);
  return value != nullptr ? value : "";
}

/// By which name the station was found: a proxy in front of it may tell that apart from its own.
std::string_view host_of(SoupMessageHeaders* headers) {
  const auto forwarded = text::items_of(header(headers, "X-Forwarded-Host")).front();
  return forwarded.empty() ? header(headers, "Host") : forwarded;
}

/// The words for a status that libsoup has none for.
const char* phrase_of(int status) {
  return status == 428 ? "Precondition Required" : nullptr;
}

}  // namespace

class Server::Impl {
 public:
  Impl(door::Settings settings, Radio& radio, Seats& seats, Listen listen)
      : radio_(radio),
        seats_(seats),
        listen_(std::move(listen)),
        soup_((learn_types(), Ref<SoupServer>::adopt(soup_server_new(nullptr, nullptr)))),
        bell_(new_bell(this)),
        door_(std::move(settings), [this](door::Guest guest) { enter(std::move(guest)); }) {
    soup_server_add_handler(
        soup_, nullptr,
        [](SoupServer*, SoupServerMessage* message, const char* path, GHashTable*, gpointer self) {
          static_cast<Impl*>(self)->reply(message, path);
        },
        this, nullptr);
  }
  ~Impl() {
    soup_server_disconnect(soup_);
    g_source_destroy(bell_.get());
  }

  int port() const { return door_.port(); }

 private:
  struct Unref {
    void operator()(GSource* source) const { g_source_unref(source); }
  };
  using Source = std::unique_ptr<GSource, Unref>;

  /// A source of the default main context that calls lead_in() each time its ready time is set.
  /// (g_main_context_invoke would run on the door's own thread until the main loop runs.)
  static Source new_bell(Impl* impl) {
    static GSourceFuncs kFuncs{nullptr,
                               nullptr,
                               [](GSource* source, GSourceFunc call, gpointer data) -> gboolean {
                                 g_source_set_ready_time(source, -1);
                                 return call(data);
                               },
                               nullptr,
                               nullptr,
                               nullptr};
    Source bell(g_source_new(&kFuncs, sizeof(GSource)));
    g_source_set_callback(
        bell.get(),
        [](gpointer self) -> gboolean {
          static_cast<Impl*>(self)->lead_in();
          return G_SOURCE_CONTINUE;
        },
        impl, nullptr);
    g_source_attach(bell.get(), nullptr);
    return bell;
  }

  /// On the door's thread.
  void enter(door::Guest guest) {
    const auto& request = guest.request;
    if (std::ranges::count(kStreamPaths, request.path) != 0 &&
        (request.method == door::Method::kGet || request.method == door::Method::kHead))
      return listen_(std::move(guest));
    {
      const std::lock_guard lock(mutex_);
      arrived_.push_back(std::move(guest));
    }
    g_source_set_ready_time(bell_.get(), 0);
  }

  void lead_in() {
    std::vector<door::Guest> guests;
    {
      const std::lock_guard lock(mutex_);
      guests.swap(arrived_);
    }
    for (auto& guest : guests) serve(std::move(guest));
  }

  void serve(door::Guest guest) {
    gstpp::Error error;
    const auto socket = Ref<GSocket>::adopt(g_socket_new_from_fd(guest.socket.fd(), error.out()));
    if (!socket) return;  // the client has gone; the guest's socket closes
    static_cast<void>(guest.socket.release());
    const auto connection =
        Ref<GSocketConnection>::adopt(g_socket_connection_factory_create_connection(socket));
    const auto remote =
        Ref<GSocketAddress>::adopt(g_socket_connection_get_remote_address(connection, nullptr));
    const auto local =
        Ref<GSocketAddress>::adopt(g_socket_connection_get_local_address(connection, nullptr));
    if (!remote || !local) return;
    keep_with(connection, std::move(guest.visit));
    soup_server_accept_iostream(soup_, G_IO_STREAM(connection.get()), local, remote, nullptr);
  }

  void reply(SoupServerMessage* message, const char* path) {
    SoupMessageHeaders* asked = soup_server_message_get_request_headers(message);
    // libsoup 3.2 answers a thousand overlapping ranges with a thousand copies.
    soup_message_headers_remove(asked, "Range");
    const SoupMessageBody* body = soup_server_message_get_request_body(message);
    const Request request{
        .method = soup_server_message_get_method(message),
        .path = path,
        .body = body->data != nullptr
                    ? std::string_view(body->data, static_cast<std::size_t>(body->length))
                    : std::string_view(),
        .from = sender_of(message),
        .host = host_of(asked),
        .forwarded_proto = header(asked, "X-Forwarded-Proto"),
        .origin = header(asked, "Origin"),
        .fetch_site = header(asked, "Sec-Fetch-Site"),
        .if_none_match = header(asked, "If-None-Match"),
        .if_match = list_header(asked, "If-Match"),
        .content_type = header(asked, "Content-Type")};
    if (!is_signalling(request.path)) return say(message, answer(request, radio_));
    soup_server_message_pause(message);
    signal(request, seats_,
           [this, here = std::weak_ptr<bool>(here_),
            kept = Ref<SoupServerMessage>::share(message)](const Reply& reply) {
             if (here.expired()) return;
             say(kept, reply);
             soup_server_message_unpause(kept);
           });
  }

  static void say(SoupServerMessage* message, const Reply& reply) {
    SoupMessageHeaders* said = soup_server_message_get_response_headers(message);
    for (const auto& [name, value] : reply.headers)
      soup_message_headers_append(said, name.c_str(), value.c_str());
    soup_message_headers_append(said, "Connection", "close");
    soup_server_message_set_status(message, static_cast<guint>(reply.status),
                                   phrase_of(reply.status));
    if (reply.status == 204 || reply.status == 304) return;
    if (reply.type.empty()) return;  // 200 without content
    soup_server_message_set_response(message, reply.type.c_str(), SOUP_MEMORY_COPY,
                                     reply.body.data(), reply.body.size());
  }

  Radio& radio_;
  Seats& seats_;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);  // for answers that come late
  Listen listen_;
  std::mutex mutex_;  // guards arrived_
  std::vector<door::Guest> arrived_;
  Ref<SoupServer> soup_;
  Source bell_;
  door::Door door_;  // last: its thread uses all of the above
};

Server::Server(door::Settings settings, Radio& radio, Seats& seats, Listen listen)
    : impl_(std::make_unique<Impl>(std::move(settings), radio, seats, std::move(listen))) {}

Server::~Server() = default;

int Server::port() const {
  return impl_->port();
}

}  // namespace infinara::station
