// SPDX-License-Identifier: Apache-2.0
#include "remote/http.hpp"

#include <libsoup/soup.h>

#include <utility>

#include "glibpp/source.hpp"
#include "text/ascii.hpp"

namespace infinara::remote {
namespace {

using Kind = Error::Kind;
using glibpp::Ref;
using glibpp::String;

const auto kUriFlags = static_cast<GUriFlags>(SOUP_HTTP_URI_FLAGS);
constexpr gsize kBlock = 64 << 10;
constexpr int kRedirects = 3;
constexpr Seconds kLongestFetch = 300;
constexpr std::int64_t kPace = 16 << 10;  // bytes that must come within each time-out

Error network_error(const GError* error) {
  Kind kind = Kind::kCut;
  if (error->domain == G_RESOLVER_ERROR || error->domain == G_TLS_ERROR ||
      g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
      g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
      g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
      g_error_matches(error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    kind = Kind::kRefused;
  else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    kind = Kind::kTimeout;
  return {kind, clean_line(error->message)};
}

}  // namespace

std::string origin_of(const std::string& url) {
  const auto uri = Ref<GUri>::adopt(g_uri_parse(url.c_str(), kUriFlags, nullptr));
  if (!uri) return {};
  const std::string scheme = g_uri_get_scheme(uri);
  const char* host = g_uri_get_host(uri);
  if ((scheme != "http" && scheme != "https") || host == nullptr || *host == '\0') return {};
  int port = g_uri_get_port(uri);
  if (port <= 0) port = scheme == "http" ? 80 : 443;
  return scheme + "://" + text::lowered(host) + ":" + std::to_string(port);
}

// Lives until its last asynchronous step has reported, also after a cancel.
class HttpClient::Call {
 public:
  Call(HttpClient& client, std::uint64_t number, HttpRequest request, Done done)
      : client_(&client),
        number_(number),
        request_(std::move(request)),
        done_(std::move(done)),
        living_(client.living_),
        timer_(client.context_, [this] {
          fail({Kind::kTimeout, "no answer in time"});
        }) {
    ++*living_;
    arm();
    go(request_.url);
  }

  /// Nobody is told any more.
  void drop() {
    done_ = nullptr;
    client_ = nullptr;
    if (message_) timer_.never_ready();  // else it is about to end
    interrupt();
  }

 private:
  ~Call() {
    forget_message();
    --*living_;
  }
  void forget_message() {
    if (message_) g_signal_handlers_disconnect_by_data(message_.get(), this);
    socket_ = {};
    stream_ = {};  // of an answer that redirected
  }

  void arm() {
    const auto now = g_get_monotonic_time();
    auto at = now + static_cast<gint64>(request_.timeout * 1e6);
    if (request_.sink) at = std::min(at, begun_ + static_cast<gint64>(kLongestFetch * 1e6));
    timer_.ready_at(at);
  }

  void go(const std::string& url) {
    forget_message();
    message_ =
        Ref<SoupMessage>::adopt(soup_message_new(request_.body ? "POST" : "GET", url.c_str()));
    if (!message_) {
      // Reported like any other end: later, from the loop.
      outcome_ = Error{Kind::kUnsafe, "not a URL: " + clean_line(url)};
      timer_ = {client_->context_, [this] { end(); }};
      return timer_.ready_now();
    }
    g_signal_connect(message_, "network-event",
                     G_CALLBACK(+[](SoupMessage*, GSocketClientEvent event, GIOStream* connection,
                                    gpointer self) {
                       static_cast<Call*>(self)->on_network_event(event, connection);
                     }),
                     this);
    // The server drops idle connections after 5 s, and an order must not be sent twice.
    soup_message_add_flags(message_, static_cast<SoupMessageFlags>(SOUP_MESSAGE_NO_REDIRECT |
                                                                   SOUP_MESSAGE_NEW_CONNECTION));
    SoupMessageHeaders* headers = soup_message_get_request_headers(message_);
    soup_message_headers_append(headers, "Connection", "close");
    soup_message_headers_append(headers, "Accept-Encoding", "identity");
    if (!request_.key.empty())
      soup_message_headers_append(headers, "Authorization", ("Bearer " + request_.key).c_str());
    if (request_.body) {
      const auto bytes =
          Ref<GBytes>::adopt(g_bytes_new(request_.body->data(), request_.body->size()));
      soup_message_set_request_body_from_bytes(message_, "application/json", bytes);
    }
    soup_session_send_async(
        client_->session_, message_, G_PRIORITY_DEFAULT, cancellable_,
        [](GObject* session, GAsyncResult* result, gpointer self) {
          static_cast<Call*>(self)->sent(SOUP_SESSION(session), result);
        },
        this);
  }

  void sent(SoupSession* session, GAsyncResult* result) {
    glibpp::Error error;
    stream_ = Ref<GInputStream>::adopt(soup_session_send_finish(session, result, error.out()));
    if (!stream_) return failed(error);
    if (done_ == nullptr || outcome_) return end();
    arm();
    answer_.status = static_cast<int>(soup_message_get_status(message_));
    SoupMessageHeaders* headers = soup_message_get_response_headers(message_);
    if (answer_.status >= 301 && answer_.status <= 308 && answer_.status != 304 && !request_.body)
      return redirected(soup_message_headers_get_one(headers, "Location"));
    if (const char* type = soup_message_headers_get_content_type(headers, nullptr))
      answer_.type = clean_line(text::lowered(type), 80);
    if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH) {
      promised_ = soup_message_headers_get_content_length(headers);
      if (*promised_ > most())
        return stop({Kind::kUnsafe, "the answer has " + std::to_string(*promised_) + " bytes"});
    }
    read();
  }

  void redirected(const char* location) {
    const String text(location != nullptr ? g_uri_resolve_relative(request_.url.c_str(), location,
                                                                   kUriFlags, nullptr)
                                          : nullptr);
    const std::string url = text ? text.get() : "";
    if (url.empty() || origin_of(url) != origin_of(request_.url))
      return stop({Kind::kUnsafe, "it sends us elsewhere: " + clean_line(url, 100)});
    if (++redirects_ > kRedirects) return stop({Kind::kUnsafe, "it sends us in circles"});
    request_.url = url;
    go(url);
  }

  std::int64_t most() const {
    return sinks() ? request_.most : std::min<std::int64_t>(request_.most, 1 << 20);
  }
  bool sinks() const { return request_.sink && answer_.status == 200; }

  void read() {
    g_input_stream_read_bytes_async(
        stream_, kBlock, G_PRIORITY_DEFAULT, cancellable_,
        [](GObject* stream, GAsyncResult* result, gpointer self) {
          static_cast<Call*>(self)->got(G_INPUT_STREAM(stream), result);
        },
        this);
  }

  void got(GInputStream* stream, GAsyncResult* result) {
    glibpp::Error error;
    const auto bytes =
        Ref<GBytes>::adopt(g_input_stream_read_bytes_finish(stream, result, error.out()));
    if (!bytes) return failed(error);
    gsize size = 0;
    const auto* data = static_cast<const std::byte*>(g_bytes_get_data(bytes, &size));
    std::optional<Error> failure;
    if (done_ != nullptr && !outcome_ && size > 0) {
      seen_ += static_cast<std::int64_t>(size);
      if (seen_ > most())
        failure = Error{Kind::kUnsafe, "the answer is over " + std::to_string(most()) + " bytes"};
      else if (sinks())
        failure = request_.sink({data, size});
      else
        answer_.body.append(reinterpret_cast<const char*>(data), size);
      if (sinks() && seen_ - armed_ >= kPace) {
        armed_ = seen_;
        arm();
      }
    }
    if (done_ == nullptr || outcome_) return end();
    if (failure) return stop(std::move(*failure));
    if (size > 0) return read();
    if (promised_ && seen_ != *promised_)
      return stop({Kind::kCut, "the answer ended after " + std::to_string(seen_) + " of " +
                                   std::to_string(*promised_) + " bytes"});
    outcome_ = std::move(answer_);
    end();
  }

  void failed(const glibpp::Error& error) {
    if (!outcome_) outcome_ = network_error(error.get());
    end();
  }
  // Ends a call between two of its steps.
  void stop(Error failure) {
    outcome_ = std::move(failure);
    end();
  }
  // Ends a call whose step is under way: that reports, then end() is reached.
  void fail(Error failure) {
    timer_.never_ready();
    if (!outcome_) outcome_ = std::move(failure);
    interrupt();
  }
  // libsoup 3.6.5 releases a request twice that is cancelled while its answer arrives, and then
  // reads freed memory. An error of the connection does the same without the fault, so a connection
  // that is there is shut down.
  void interrupt() {
    if (socket_ && !stream_)
      g_socket_shutdown(socket_, TRUE, TRUE, nullptr);
    else
      g_cancellable_cancel(cancellable_);
  }
  void on_network_event(GSocketClientEvent event, GIOStream* connection) {
    if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION(connection)) return;
    socket_ = Ref<GSocket>::share(g_socket_connection_get_socket(G_SOCKET_CONNECTION(connection)));
    if (g_cancellable_is_cancelled(cancellable_)) g_socket_shutdown(socket_, TRUE, TRUE, nullptr);
  }

  void end() {
    if (client_ != nullptr) client_->ended(number_);
    const Done done = std::exchange(done_, nullptr);
    Result<HttpAnswer> outcome = std::move(*outcome_or_cut());
    delete this;
    if (done) done(std::move(outcome));
  }
  std::optional<Result<HttpAnswer>>& outcome_or_cut() {
    if (!outcome_) outcome_ = Error{Kind::kCut, "given up"};
    return outcome_;
  }

  HttpClient* client_;
  std::uint64_t number_;
  HttpRequest request_;
  Done done_;
  const Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
  std::shared_ptr<int> living_;
  glibpp::Source timer_;
  Ref<SoupMessage> message_;
  Ref<GSocket> socket_;  // once it is connected
  Ref<GInputStream> stream_;
  const gint64 begun_ = g_get_monotonic_time();
  HttpAnswer answer_;
  std::optional<std::int64_t> promised_;
  std::int64_t seen_ = 0;
  std::int64_t armed_ = 0;  // of them, when the timer was set
  int redirects_ = 0;
  std::optional<Result<HttpAnswer>> outcome_;
};

void HttpClient::learn_types() {
  for (const GType type : {G_TYPE_INET_SOCKET_ADDRESS, G_TYPE_SOCKET, G_TYPE_TCP_CONNECTION,
                           G_TYPE_SOCKET_CLIENT, G_TYPE_TASK, SOUP_TYPE_SESSION, SOUP_TYPE_MESSAGE})
    g_type_class_unref(g_type_class_ref(type));
}

HttpClient::HttpClient(GMainContext* context)
    : context_(Ref<GMainContext>::share(context)),
      session_(Ref<SoupSession>::adopt(soup_session_new())) {
  soup_session_set_user_agent(session_, "Infinara");
  soup_session_set_proxy_resolver(session_, nullptr);  // only the host that was named
  soup_session_remove_feature_by_type(session_, SOUP_TYPE_CONTENT_DECODER);  // no gzip bombs
}

HttpClient::~HttpClient() {
  for (auto& [number, call] : std::exchange(calls_, {})) call->drop();
  // What was interrupted reports once more, soon, and frees itself. soup_session_abort() would
  // cancel it besides.
  while (*living_ > 0) g_main_context_iteration(context_, TRUE);
}

std::uint64_t HttpClient::send(HttpRequest request, Done done) {
  const std::uint64_t number = next_++;
  calls_[number] = nullptr;
  calls_[number] = new Call(*this, number, std::move(request), std::move(done));
  return number;
}

void HttpClient::cancel(std::uint64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  Call* call = found->second;
  calls_.erase(found);
  call->drop();
}

void HttpClient::ended(std::uint64_t number) {
  calls_.erase(number);
}

}  // namespace infinara::remote
