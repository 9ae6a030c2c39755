// SPDX-License-Identifier: Apache-2.0
// Listens to a station by WHEP any number of times at once, all in one thread, and counts packets
// without a look into them. On loopback a sender pays for what waking its receiver costs, so that a
// crowd of whole webrtcbins (whep_listeners) makes it look dearer than any network would; this
// crowd costs it little. Ends with its standard input; all take their leave by DTLS then.
//
// usage: light_listeners PORT COUNT
//   prints a line when all are connected: milliseconds from offer to first packet, sorted;
//   then each second a line: packets received by all, packets by the one with fewest.
#include <libsoup/soup.h>
#include <nice/agent.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gstpp/ref.hpp"
#include "until_told.hpp"
#include "whep_post.hpp"

namespace {

using gstpp::Ref;

constexpr guint kComponent = 1;  // RTP and RTCP by one (rtcp-mux)
constexpr int kApart = 150;      // milliseconds between two who connect

GMainLoop* loop;
std::string base;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "light_listeners: %s\n", why.c_str());
  std::exit(1);
}

using Ssl = std::unique_ptr<SSL, gstpp::FreeWith<SSL_free>>;

/// Who all listeners say they are: a key and a certificate that nobody signed.
class Identity {
 public:
  Identity() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    SSL_CTX_use_certificate(context_.get(), certificate);
    SSL_CTX_use_PrivateKey(context_.get(), key);
    // zero is success here, unlike elsewhere in OpenSSL
    if (SSL_CTX_set_tlsext_use_srtp(context_.get(), "SRTP_AES128_CM_SHA1_80") != 0)
      give_up("OpenSSL knows no SRTP");
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    for (const unsigned char byte : std::span(digest).first(size)) {
      std::array<char, 4> hex{};
      std::snprintf(hex.data(), hex.size(), "%02X", byte);
      fingerprint_ += (fingerprint_.empty() ? "" : ":") + std::string(hex.data());
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  Ssl accept() const {
    Ssl ssl(SSL_new(context_.get()));
    SSL_set_accept_state(ssl.get());
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    return ssl;
  }
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  std::unique_ptr<SSL_CTX, gstpp::FreeWith<SSL_CTX_free>> context_{SSL_CTX_new(DTLS_method())};
  std::string fingerprint_;
};

/// One listener. It lives until the process ends.
class Listener {
 public:
  explicit Listener(const Identity& identity) : identity_(identity), ssl_(identity.accept()) {}
  ~Listener() {
    SSL_shutdown(ssl_.get());
    say();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void open() {
    began_ = g_get_monotonic_time();
    g_object_set(agent_, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode", TRUE, nullptr);
    NiceAddress here;
    nice_address_init(&here);
    nice_address_set_from_string(&here, "127.0.0.1");
    nice_agent_add_local_address(agent_, &here);
    stream_ = nice_agent_add_stream(agent_, kComponent);
    nice_agent_attach_recv(
        agent_, stream_, kComponent, nullptr,
        [](NiceAgent*, guint, guint, guint size, gchar* bytes, gpointer self) {
          static_cast<Listener*>(self)->hear({reinterpret_cast<const guint8*>(bytes), size});
        },
        this);
    g_signal_connect(agent_, "candidate-gathering-done",
                     G_CALLBACK(+[](NiceAgent*, guint, gpointer self) {
                       static_cast<Listener*>(self)->offer();
                     }),
                     this);
    if (!nice_agent_gather_candidates(agent_, stream_)) give_up("no address for ICE");
  }

  unsigned packets() const { return packets_; }
  /// Milliseconds from offer to first packet; negative before it.
  double first() const { return first_; }

 private:
  void offer() {
    gchar *user = nullptr, *password = nullptr;
    nice_agent_get_local_credentials(agent_, stream_, &user, &password);
    const gstpp::String kept_user(user), kept_password(password);
    std::string sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\n"
        "a=rtcp-mux\r\na=rtpmap:109 opus/48000/2\r\na=fmtp:109 stereo=1;useinbandfec=1\r\n"
        "a=setup:actpass\r\na=fingerprint:sha-256 " +
        identity_.fingerprint() + "\r\na=ice-ufrag:" + user + "\r\na=ice-pwd:" + password + "\r\n";
    GSList* candidates = nice_agent_get_local_candidates(agent_, stream_, kComponent);
    for (const GSList* it = candidates; it != nullptr; it = it->next) {
      const gstpp::String line(
          nice_agent_generate_local_candidate_sdp(agent_, static_cast<NiceCandidate*>(it->data)));
      sdp += std::string(line.get()) + "\r\n";
    }
    g_slist_free_full(candidates,
                      [](gpointer it) { nice_candidate_free(static_cast<NiceCandidate*>(it)); });
    post(sdp);
  }

  void post(const std::string& sdp) {
    post_offer(base + "/whep", sdp, [this](SoupMessage* message, std::string_view answer) {
      if (const guint status = soup_message_get_status(message); status != 201)
        give_up(std::to_string(status) + " " + std::string(answer));
      answered(std::string(answer));
    });
  }

  void answered(std::string sdp) {
    std::erase(sdp, '\r');  // libnice would take it for a part of the password
    if (sdp.find("a=setup:active") == sdp.npos) give_up("the station does not begin the handshake");
    gchar *user = nullptr, *password = nullptr;
    GSList* candidates =
        nice_agent_parse_remote_stream_sdp(agent_, stream_, sdp.c_str(), &user, &password);
    const gstpp::String kept_user(user), kept_password(password);
    nice_agent_set_remote_credentials(agent_, stream_, user, password);
    nice_agent_set_remote_candidates(agent_, stream_, kComponent, candidates);
    g_slist_free_full(candidates,
                      [](gpointer it) { nice_candidate_free(static_cast<NiceCandidate*>(it)); });
  }

  /// What a datagram is, is told by its first byte (RFC 7983).
  void hear(std::span<const guint8> datagram) {
    if (datagram.size() < 12) return;
    if (datagram[0] >= 20 && datagram[0] < 64) {
      BIO_write(SSL_get_rbio(ssl_.get()), datagram.data(), static_cast<int>(datagram.size()));
      SSL_do_handshake(ssl_.get());
      ERR_clear_error();
      say();
    } else if (datagram[0] >= 128 && datagram[0] < 192 && (datagram[1] & 0x7f) == 109) {
      if (packets_++ == 0) first_ = double(g_get_monotonic_time() - began_) / 1000;
    }
  }

  /// Sends what DTLS has to say: a flight is short enough for one datagram.
  void say() {
    std::array<char, 8192> flight{};
    const int size = BIO_read(SSL_get_wbio(ssl_.get()), flight.data(), flight.size());
    if (size > 0)
      nice_agent_send(agent_, stream_, kComponent, static_cast<guint>(size), flight.data());
  }

  const Identity& identity_;
  Ssl ssl_;
  Ref<NiceAgent> agent_ =
      Ref<NiceAgent>::adopt(nice_agent_new(nullptr, NICE_COMPATIBILITY_RFC5245));
  guint stream_ = 0;
  gint64 began_ = 0;
  unsigned packets_ = 0;
  double first_ = -1;
};

std::vector<std::unique_ptr<Listener>> listeners;

gboolean tell(gpointer) {
  static bool told = false;
  std::vector<double> first;
  unsigned all = 0, fewest = ~0u;
  for (const auto& listener : listeners) {
    all += listener->packets();
    fewest = std::min(fewest, listener->packets());
    if (listener->first() >= 0) first.push_back(listener->first());
  }
  if (!told && first.size() == listeners.size()) {
    told = true;
    std::ranges::sort(first);
    std::printf("connected");
    for (const double ms : first) std::printf(" %.1f", ms);
    std::printf("\n");
  }
  if (told) std::printf("packets %u %u\n", all, fewest);
  std::fflush(stdout);
  return G_SOURCE_CONTINUE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: light_listeners PORT COUNT\n");
    return 2;
  }
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  base = "http://127.0.0.1:" + std::string(argv[1]);
  loop = g_main_loop_new(nullptr, FALSE);
  const Identity identity;
  struct Crowd {
    const Identity& identity;
    int left;
  } crowd{identity, std::atoi(argv[2])};
  // One after the other, so that a connect is measured and not a crowd.
  g_timeout_add(
      kApart,
      [](gpointer data) -> gboolean {
        auto& crowd = *static_cast<Crowd*>(data);
        listeners.push_back(std::make_unique<Listener>(crowd.identity));
        listeners.back()->open();
        if (--crowd.left > 0) return G_SOURCE_CONTINUE;
        g_timeout_add(1000, tell, nullptr);
        return G_SOURCE_REMOVE;
      },
      &crowd);
  quit_at_input(loop);
  g_main_loop_run(loop);
  listeners.clear();
  g_main_loop_unref(loop);
  return 0;
}
