// SPDX-License-Identifier: Apache-2.0
#include "http/access.hpp"

#include <gtest/gtest.h>

namespace infinara::http {
namespace {

TEST(Access, RightsFollowFromTheHeader) {
  const Secrets open, heard{"listen-to-me", ""}, led{"", "control-me"},
      both{"listen-to-me", "control-me"};
  struct Row {
    const Secrets& secrets;
    const char* authorization;
    bool listen, control, has_token;
  };
  for (const auto& [secrets, authorization, listen, control, has_token] : {
           Row{open, "", true, true, false},
           Row{open, "Bearer x", true, true, false},
           Row{open, "Bearer ", true, true, false},
           Row{heard, "", false, false, false},
           Row{heard, "Basic eDpsaXN0ZW4tdG8tbWU=", true, true, false},   // x:listen-to-me
           Row{heard, "basic  Omxpc3Rlbi10by1tZQ==", true, true, false},  // :listen-to-me
           Row{heard, "Basic bGlzdGVuLXRvLW1l", false, false, false},     // no colon
           Row{heard, "Basic eDpsaXN0ZW4=", false, false, false},         // x:listen
           Row{heard, "Basic !", false, false, false},
           Row{heard, "Basic", false, false, false},
           Row{heard, "Bearer listen-to-me", true, true, false},
           Row{heard, "Digest listen-to-me", false, false, false},
           Row{led, "", true, false, false},
           Row{led, "Bearer control-me", true, true, true},
           Row{led, "Bearer control-m", true, false, false},
           Row{led, "Bearer control-me2", true, false, false},
           Row{led, "Basic eDpjb250cm9sLW1l", true, false, false},  // x:control-me
           Row{led, "Bearer", true, false, false},
           Row{both, "Bearer listen-to-me", true, false, false},
           Row{both, "Bearer control-me", true, true, true},
           Row{both, "Basic eDpsaXN0ZW4tdG8tbWU=", true, false, false},
           Row{both, "", false, false, false},
       }) {
    const Rights rights = rights_of(authorization, secrets);
    EXPECT_EQ(rights.listen, listen) << authorization;
    EXPECT_EQ(rights.control, control) << authorization;
    EXPECT_EQ(rights.has_token, has_token) << authorization;
  }
}

TEST(Access, ASecretIsComparedWhole) {
  EXPECT_TRUE(is_same_secret("sesame", "sesame"));
  for (const char* given : {"", "s", "sesam", "sesame ", "Sesame", "sesamE", "sesamesesame"})
    EXPECT_FALSE(is_same_secret(given, "sesame")) << given;
  EXPECT_TRUE(is_same_secret("", ""));
  EXPECT_FALSE(is_same_secret("x", ""));
}

TEST(Access, NamesOfThisMachineAreKnown) {
  for (const char* host : {"127.0.0.1",
                           "192.0.2.7:8080",
                           "[::1]",
                           "[2001:db8::1]:8080",
                           "[::ffff:192.0.2.7]",
                           "localhost",
                           "LocalHost:80",
                           "localhost.",
                           "radio",
                           "radio:8080",
                           "radio.local",
                           "Radio.LOCAL:8080",
                           "radio.local.",
                           "a.b.lan",
                           "radio.home.arpa",
                           "radio.internal",
                           "radio.localhost",
                           "radio.example",
                           "RADIO.example:9",
                           ""})
    EXPECT_TRUE(is_known_host(host, "radio.example:8443")) << host;
  for (const char* host :
       {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "radio.local.evil.example",
        "xradio.example", "radio.example.evil", "local.evil", "1.2.3", "evil.example."})
    EXPECT_FALSE(is_known_host(host, "radio.example:8443")) << host;
  EXPECT_FALSE(is_known_host("radio.example", ""));
}

TEST(Access, APageMustSendJson) {
  struct Row {
    const char* type;
    bool may;
  };
  for (const auto& [type, may] :
       {Row{"application/json", true}, Row{"Application/JSON ; charset=utf-8", true},
        Row{"", false}, Row{"text/plain", false}, Row{"xapplication/json", false},
        Row{"application/jsonx", false}}) {
    for (const char* fetch_site : {"", "same-origin"}) {
      const auto refused = refusal_of_change({.host = "127.0.0.1:8080",
                                              .origin = "http://127.0.0.1:8080",
                                              .fetch_site = fetch_site,
                                              .content_type = type});
      EXPECT_EQ(refused.has_value(), !may) << type;
      if (refused) {
        EXPECT_EQ(refused->status, 415) << type;
      }
    }
    EXPECT_FALSE(refusal_of_change({.host = "127.0.0.1:8080", .content_type = type}))
        << "no page, so any type: " << type;
  }
}

}  // namespace
}  // namespace infinara::http
