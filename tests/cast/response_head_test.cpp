// SPDX-License-Identifier: Apache-2.0
#include "cast/response_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace infinara::cast {
namespace {

using namespace std::string_literals;

TEST(ResponseHead, NamesTheStation) {
  ResponseHead facts;
  facts.content_type = "audio/mpeg";
  facts.name = "Infinara";
  facts.genre = "jazz";
  facts.bitrate = 192;
  facts.icy = true;
  EXPECT_EQ(response_head(facts),
            "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nCache-Control: no-cache, no-store\r\n"
            "X-Accel-Buffering: no\r\n"
            "Connection: close\r\nAccept-Ranges: none\r\nAccess-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: icy-br, icy-genre, icy-metaint, icy-name, "
            "Infinara-Position, Infinara-Programme\r\n"
            "icy-name: Infinara\r\nicy-genre: jazz\r\nicy-br: 192\r\nicy-metaint: 16000\r\n\r\n");
  facts.programme = "p";
  facts.position = -1105;
  EXPECT_NE(response_head(facts).find("Infinara-Programme: p\r\nInfinara-Position: -1105\r\n"),
            std::string::npos);
  facts = {};
  facts.minor = 0;
  const std::string bare = response_head(facts);
  EXPECT_EQ(bare.find("HTTP/1.0 200 OK\r\n"), 0u);
  EXPECT_EQ(bare.find("icy-name:"), std::string::npos);
  EXPECT_EQ(bare.find("icy-br:"), std::string::npos);
  EXPECT_EQ(bare.find("icy-metaint:"), std::string::npos);
}

TEST(ResponseHead, HasNoHeaderThatANameSmugglesIn) {
  ResponseHead facts;
  facts.name = "a\r\nSet-Cookie: b=c\r\n\r\nbody" + std::string(5000, 'x');
  const std::string head = response_head(facts);
  EXPECT_EQ(head.find("\r\nSet-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("\r\n\r\n"), head.size() - 4);
  EXPECT_LT(head.size(), 600u);
}

TEST(ShortResponse, IsWhole) {
  EXPECT_EQ(short_response(0, "503 Service Unavailable", "Retry-After: 10\r\n", "full"),
            "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n"
            "Access-Control-Allow-Origin: *\r\nRetry-After: 10\r\n\r\nfull");
  EXPECT_NE(preflight_response(1).find("Access-Control-Allow-Headers: Icy-MetaData, Range\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace infinara::cast
