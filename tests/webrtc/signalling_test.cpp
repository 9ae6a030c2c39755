// SPDX-License-Identifier: Apache-2.0
#include "webrtc/signalling.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "json/json.hpp"
#include "webrtc/fake_sessions.hpp"
#include "webrtc/offers.hpp"

namespace infinara::webrtc {
namespace {

using http::Reply;
using http::Request;

struct Signalling : testing::Test {
  FakeSessions sessions;

  Reply ask(const Request& request) {
    std::vector<Reply> replies;
    signal(request, sessions, [&](Reply reply) { replies.push_back(std::move(reply)); });
    EXPECT_EQ(replies.size(), 1u);
    if (replies.empty()) return {};
    EXPECT_EQ(header(replies[0], "Access-Control-Allow-Origin"), "*");
    return replies[0];
  }
  Reply whep(const std::string& body = kGoodOffer) {
    return ask(
        {.method = "POST", .path = "/whep", .body = body, .content_type = "application/sdp"});
  }
  Reply offer(const std::string& body) {
    return ask({.method = "POST", .path = "/offer", .body = body});
  }
  Reply patch(const std::string& body, std::string_view if_match) {
    return ask({.method = "PATCH",
                .path = path,
                .body = body,
                .if_match = if_match,
                .content_type = "application/trickle-ice-sdpfrag"});
  }
  static std::string json(const std::string& sdp) {
    return json::Object().set("type", "offer").set("sdp", std::string_view(sdp)).text();
  }
  static std::string header(const Reply& reply, std::string_view name) {
    const auto found =
        std::ranges::find(reply.headers, name, [](const auto& header) { return header.first; });
    return found == reply.headers.end() ? "" : found->second;
  }
  static void expect_refused(const Reply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.body;
    const auto read = json::read_object(reply.body);
    ASSERT_TRUE(read) << reply.body;
    EXPECT_FALSE(std::get<std::string>(read->at("error")).empty());
  }

  const std::string path = "/whep/" + sessions.id;
  const std::string etag = "\"" + sessions.id.substr(0, 12) + "\"";
  const std::string candidate =
      "a=ice-ufrag:Ab1/\r\na=candidate:1 1 udp 1 127.0.0.1 5000 typ host\r\n";
};

TEST_F(Signalling, WhepGivesASession) {
  const Reply reply = whep();
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.type, "application/sdp");
  EXPECT_EQ(reply.body, sessions.answer);
  EXPECT_EQ(header(reply, "Location"), "whep/" + sessions.id) << "relative: a proxy may add a path";
  EXPECT_EQ(header(reply, "ETag"), etag);
  EXPECT_EQ(header(reply, "Accept-Patch"), "application/trickle-ice-sdpfrag");
  EXPECT_EQ(header(reply, "Link"), R"(<stun:127.0.0.1:3478>; rel="ice-server")");
  EXPECT_NE(header(reply, "Access-Control-Expose-Headers").find("Location, ETag, Link"),
            std::string::npos);
}

TEST_F(Signalling, TheOriginalsOfferGivesAnAnswer) {
  const Reply reply = offer(json(kGoodOffer));
  EXPECT_EQ(reply.status, 200);
  const auto fields = *json::read_object(reply.body);
  EXPECT_EQ(fields.size(), 2u);
  EXPECT_EQ(std::get<std::string>(fields.at("type")), "answer");
  EXPECT_EQ(std::get<std::string>(fields.at("sdp")), sessions.answer);
}

TEST_F(Signalling, WhatIsNoOfferIsRefused) {
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("{}"), std::string(R"({"type":"offer"})"),
        std::string(R"({"type":"answer","sdp":"v=0"})"), std::string(R"({"type":"offer","sdp":5})"),
        json("hello"), json("v=0\r\n")}) {
    const Reply reply = offer(body);
    expect_refused(reply, 400);
    EXPECT_NE(reply.body.find("invalid SDP offer"), reply.body.npos);
  }
  expect_refused(offer(std::string(70000, '[')), 413);
  expect_refused(whep("hello"), 400);
  expect_refused(whep(with(kGoodOffer, "recvonly", "sendonly")), 422);
  EXPECT_EQ(sessions.taken, 0);
}

TEST_F(Signalling, WhepTakesSdpAlone) {
  expect_refused(
      ask({.method = "POST", .path = "/whep", .body = kGoodOffer, .content_type = "text/plain"}),
      415);
  EXPECT_EQ(ask({.method = "POST",
                 .path = "/whep",
                 .body = kGoodOffer,
                 .content_type = "Application/SDP ; charset=utf-8"})
                .status,
            201);
}

TEST_F(Signalling, AnotherSitesPageMustHaveAsked) {
  const std::string body = json(kGoodOffer);
  Request request{.method = "POST",
                  .path = "/offer",
                  .body = body,
                  .host = "radio:8080",
                  .origin = "http://other.example",
                  .content_type = "text/plain"};
  expect_refused(ask(request), 415);
  request.content_type = "application/json";  // which a browser announces before
  EXPECT_EQ(ask(request).status, 200);
}

TEST_F(Signalling, AFullHouseSaysWhenToComeAgain) {
  sessions.none = Sessions::Refusal{503, "full", 10};
  for (const Reply& reply : {whep(), offer(json(kGoodOffer))}) {
    expect_refused(reply, 503);
    EXPECT_EQ(header(reply, "Retry-After"), "10");
  }
}

TEST_F(Signalling, CandidatesTrickleIn) {
  const Reply reply = patch(candidate, etag);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(sessions.trickled, 1);
  EXPECT_EQ(patch(candidate, "*").status, 204);
  expect_refused(patch(candidate, ""), 428);
  expect_refused(patch(candidate, "\"other\""), 412);
  expect_refused(patch("nonsense", etag), 400);
  expect_refused(patch(with(candidate, "Ab1/", "other"), etag), 422);
  expect_refused(ask({.method = "PATCH",
                      .path = path,
                      .body = candidate,
                      .if_match = etag,
                      .content_type = "application/sdp"}),
                 415);
  EXPECT_EQ(sessions.trickled, 2);
}

TEST_F(Signalling, ATrickleThatIsTakenSaysNothing) {
  const Reply reply = patch(candidate, etag);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(header(reply, "ETag"), "") << "there is no new ICE session";
}

TEST_F(Signalling, IfMatchIsComparedStrongly) {
  const std::string other = "\"0123456789ab0\"";
  for (const std::string& holds :
       {etag, std::string("*"), std::string("\"*\""), other + ", " + etag, etag + "," + other,
        "W/" + other + " ,\t" + etag, "," + etag + ",", "\"a,b\", " + etag})
    EXPECT_EQ(patch(candidate, holds).status, 204) << holds;
  for (const std::string& fails :
       {"W/" + etag, "zzz" + etag, etag + "zzz", other, std::string("0123456789ab"),
        std::string("\"\""), std::string("W/*"), std::string("\""), "\"x\"" + etag, "\"a," + etag,
        std::string(","), "* " + etag, "\"" + etag + "\""})
    expect_refused(patch(candidate, fails), 412);
  EXPECT_EQ(sessions.trickled, 8);
}

TEST_F(Signalling, AnIceRestartLeavesTheSession) {
  for (const std::string& restart :
       {with(candidate, "Ab1/", "other"), candidate + "a=ice-pwd:another4567890123456789\r\n"}) {
    const Reply reply = patch(restart, "*");
    expect_refused(reply, 422);
    EXPECT_EQ(ask({.method = "GET", .path = path}).status, 204) << "the session goes on";
  }
}

TEST_F(Signalling, DeleteEndsASessionOnce) {
  EXPECT_EQ(ask({.method = "DELETE", .path = path, .if_match = "\"other\""}).status, 200)
      << "entity tags do not matter here";
  expect_refused(ask({.method = "DELETE", .path = path}), 404);
  expect_refused(ask({.method = "GET", .path = path}), 404);
  expect_refused(ask({.method = "HEAD", .path = path}), 404);
  expect_refused(patch(candidate, etag), 404);
}

TEST_F(Signalling, ResourcesMayBeLookedAt) {
  for (const char* where : {"/whep", "/whep/", path.c_str()}) {
    const Reply get = ask({.method = "GET", .path = where});
    EXPECT_EQ(get.status, 204) << where;
    EXPECT_EQ(get.body, "") << where;
  }
  for (const char* where : {"/whep", "/whep/"}) {
    const Reply head = ask({.method = "HEAD", .path = where});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.type, "application/sdp");
    EXPECT_EQ(head.body, "");
  }
  EXPECT_EQ(ask({.method = "HEAD", .path = path}).status, 204);
}

TEST_F(Signalling, ASlashMakesNoDifference) {
  const Reply reply = ask(
      {.method = "POST", .path = "/whep/", .body = kGoodOffer, .content_type = "application/sdp"});
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(header(reply, "Location"), sessions.id);
}

TEST_F(Signalling, OtherMethodsAreNamed) {
  for (const char* method : {"PATCH", "DELETE", "PUT"})
    for (const char* where : {"/whep", "/whep/"}) {
      const Reply reply = ask({.method = method, .path = where});
      expect_refused(reply, 405);
      EXPECT_EQ(header(reply, "Allow"), "GET, HEAD, POST, OPTIONS");
    }
  for (const char* method : {"GET", "HEAD", "PATCH", "DELETE", "PUT"}) {
    const Reply reply = ask({.method = method, .path = "/offer"});
    expect_refused(reply, 405);
    EXPECT_EQ(header(reply, "Allow"), "POST, OPTIONS");
  }
  for (const char* method : {"POST", "PUT"})
    EXPECT_EQ(header(ask({.method = method, .path = path}), "Allow"),
              "GET, HEAD, PATCH, DELETE, OPTIONS");
}

TEST_F(Signalling, OptionsTellWhatIsTaken) {
  for (const std::string& where :
       {std::string("/whep"), std::string("/whep/"), std::string("/offer"), path}) {
    const Reply reply = ask({.method = "OPTIONS", .path = where});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.type + reply.body, "");
    EXPECT_NE(header(reply, "Access-Control-Allow-Headers").find("Content-Type, If-Match"),
              std::string::npos);
    EXPECT_NE(header(reply, "Access-Control-Allow-Methods").find(where == path ? "DELETE" : "POST"),
              std::string::npos);
    EXPECT_EQ(header(reply, "Accept-Post"),
              where == "/offer" ? "application/json" : "application/sdp");
    EXPECT_EQ(header(reply, "Accept-Patch"),
              where == "/offer" ? "" : "application/trickle-ice-sdpfrag");
  }
}

TEST_F(Signalling, SwitchedOffThereIsNone) {
  sessions.on = false;
  for (const std::string& where : {std::string("/whep"), std::string("/offer"), path})
    for (const char* method : {"GET", "HEAD", "POST", "OPTIONS", "DELETE"})
      expect_refused(ask({.method = method, .path = where}), 404);
}

TEST(IsSignalling, KnowsItsPaths) {
  for (const char* path : {"/offer", "/whep", "/whep/", "/whep/abc"})
    EXPECT_TRUE(is_signalling(path)) << path;
  for (const char* path : {"/", "/offers", "/whepx", "/api/status", ""})
    EXPECT_FALSE(is_signalling(path)) << path;
}

}  // namespace
}  // namespace infinara::webrtc
