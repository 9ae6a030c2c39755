// SPDX-License-Identifier: Apache-2.0
#include "app/api.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "app/api_memory.hpp"
#include "json/json.hpp"
#include "music/genre.hpp"
#include "station/fake_radio.hpp"

namespace infinara::app {
namespace {

using namespace station;

json::Fields fields(const Reply& reply) {
  EXPECT_EQ(reply.type, "application/json");
  const auto read = json::read_object(reply.body);
  if (!read) {
    ADD_FAILURE() << reply.body;
    return {};
  }
  return *read;
}

std::string header(const Reply& reply, std::string_view name) {
  const auto found = std::ranges::find(reply.headers, name, [](const auto& h) { return h.first; });
  return found == reply.headers.end() ? "" : found->second;
}

struct Api : testing::Test {
  FakeRadio radio;
  memory::Memory memory;
  Endpoints endpoints{radio, memory};
  Reply answer(const Request& request) { return endpoints.answer(request); }
  Reply get(std::string_view path, std::string_view method = "GET") {
    return answer({.method = method, .path = path});
  }
  Reply post(std::string_view path, std::string_view body) {
    return answer({.method = "POST", .path = path, .body = body});
  }
  void expect_refused(const Reply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.body;
    const auto said = fields(reply);
    ASSERT_EQ(said.size(), 2u) << reply.body;
    EXPECT_FALSE(std::get<bool>(said.at("ok")));
    EXPECT_FALSE(std::get<std::string>(said.at("error")).empty());
  }
};

TEST_F(Api, StatusBeforeTheFirstTrackIsEmptyStringsAndZeros) {
  const auto reply = get("/api/status");
  EXPECT_EQ(reply.status, 200);
  const auto said = fields(reply);
  for (const char* name : {"track_id", "track_name", "genre", "caption", "lyrics"})
    EXPECT_EQ(std::get<std::string>(said.at(name)), "") << name;
  for (const char* name : {"position", "duration", "queue_size", "http_listeners"})
    EXPECT_EQ(std::get<double>(said.at(name)), 0) << name;
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(said.at("next")));
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(said.at("fade")));
  EXPECT_FALSE(said.contains("track_path"));
}

TEST_F(Api, StatusNamesWhatIsHeardAndApartFromItWhereTheWalkIs) {
  radio.moment = {
      .on_air = music::Track{.order = {7, "lofi hip hop", "Dusty \"Window\"", "vinyl; warm", 90, 1},
                             .generator = "housebandsrc"},
      .position = 12.34,
      .next = music::Track{.order = {8, "jazz", "Blue Hour", "", 90, 2}},
      .ready = 3,
      .dj_genre = "jazz",
      .dwell_remaining = 61.4,
      .blend = Blend{7, 8, 2.5, 4800, 124800, "8 bars at 118 bpm"},
      .listeners = 2,
      .servers = {{.url = "http://gpu:8001",
                   .state = "DOWN",
                   .reason = "\"refused\"",
                   .running = 1,
                   .seconds_per_second = 0.1234,
                   .last_error = "refused",
                   .jobs = {{.genre = "jazz", .progress = 0.527, .stage = "now", .age = 3.2}}}},
      .positions = {.on_air = 4, .start = 5, .genre = 6, .dwell_end = 7, .next = 8}};
  radio.times = {.programme = "p", .output = 3};
  const auto reply = get("/api/status");
  const auto said = fields(reply);
  EXPECT_EQ(std::get<std::string>(said.at("genre")), "lofi hip hop");
  EXPECT_EQ(std::get<std::string>(said.at("dj_genre")), "jazz");
  EXPECT_EQ(std::get<std::string>(said.at("track_name")), "Dusty \"Window\"");
  EXPECT_EQ(std::get<std::string>(said.at("track_id")), "7");
  EXPECT_EQ(std::get<double>(said.at("position")), 12.3);
  EXPECT_EQ(std::get<double>(said.at("dwell_remaining")), 61);
  EXPECT_EQ(std::get<double>(said.at("queue_size")), 3);
  EXPECT_EQ(std::get<double>(said.at("http_listeners")), 2);
  for (
      const char* part :
      {R"("fade":{"begin":4800,"end":124800,"from":"7","plan":"8 bars at 118 bpm","remaining":2.5,"to":"8"})",
       R"("positions":{"dwell_end":7,"genre":6,"next":8,"on_air":4,"output":3,"programme":"p","rtp":null,"start":5})",
       R"("config":{"audio_format":"flac","crossfade":18,"guidance_scale":4,)"
       R"("inference_steps":50,"llm_model":"","model":"housebandsrc","shift":3,"track_duration":"auto"})",
       R"("servers":[{"delivery":"","jobs":[{"age":3,"genre":"jazz","progress":0.53,"stage":"now","wanted":true}],)"
       R"("last_error":"refused","model":"","note":"","reason":"\"refused\"","running":1,)"
       R"("seconds_per_second":0.123,"state":"DOWN","url":"http://gpu:8001","waiting":0}])",
       R"("track_name":"Blue Hour")", R"("genres":["ambient","chillwave",)"})
    EXPECT_NE(reply.body.find(part), std::string::npos) << part;
}

TEST_F(Api, PositionMapsThePlayersTimeToTheProgramme) {
  EXPECT_EQ(get("/api/position").body,
            "{\"listener\":null,\"output\":0,\"programme\":\"\",\"rtp\":null}\n");
  radio.times = {.programme = "p", .output = 96123, .rtp = Clock::Rtp{4294967295u, -312}};
  EXPECT_EQ(answer({.method = "GET", .path = "/api/position", .query = "listener=me"}).body,
            "{\"listener\":-1105,\"output\":96123,\"programme\":\"p\","
            "\"rtp\":{\"position\":-312,\"timestamp\":4294967295}}\n");
  EXPECT_NE(answer({.method = "GET", .path = "/api/position", .query = "listener=other"})
                .body.find("\"listener\":null"),
            std::string::npos);
  EXPECT_EQ(header(get("/api/position"), "Access-Control-Allow-Origin"), "*");
}

TEST_F(Api, OnlyStatusStreamsAndPlaylistsAreOpenToOtherSites) {
  EXPECT_EQ(header(get("/api/status"), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(get("/stream", "OPTIONS"), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(get("/stream", "OPTIONS"), "Access-Control-Allow-Headers"),
            "Icy-MetaData, Range");
  for (const char* path : {"/", "/healthz", "/api/config", "/api/genre", "/api/skip"})
    for (const char* method : {"GET", "OPTIONS", "POST"})
      EXPECT_EQ(header(get(path, method), "Access-Control-Allow-Origin"), "") << path;
}

TEST_F(Api, StatusTellsWhoListensButNotFromWhere) {
  radio.heard = {{.path = "/stream",
                  .listeners = 1,
                  .joined = 3,
                  .dropped = 1,
                  .bytes_sent = 5000,
                  .delay = 3.5,
                  .list = {{.agent = "mpv \"1\"", .since = 12.34, .lag = 0, .bytes = 4000}}}};
  EXPECT_NE(get("/api/status")
                .body.find(R"("streams":[{"bytes_sent":5000,"delay":3.5,"dropped":1,"joined":3,)"
                           R"("listeners":1,"path":"/stream"}])"),
            std::string::npos);
  EXPECT_EQ(get("/api/listeners").body,
            R"({"streams":[{"list":[{"agent":"mpv \"1\"","bytes":4000,"lag":0,"since":12.3}],)"
            R"("listeners":1,"path":"/stream"}],"webrtc_listeners":0})"
            "\n");
}

TEST_F(Api, GenresAreTheMoodGraph) {
  const auto body = get("/api/genres").body;
  EXPECT_NE(body.find(R"({"bpm":[96,168],"name":"jazz",)"
                      R"("neighbours":["lofi hip hop","bossa nova","acoustic folk"]})"),
            std::string::npos);
  std::size_t names = 0;
  for (auto at = body.find("\"name\""); at != body.npos; at = body.find("\"name\"", at + 1))
    ++names;
  EXPECT_EQ(names, music::kGenres.size());
}

TEST_F(Api, StatusIsRenderedOncePerChange) {
  radio.is_still = true;
  const auto first = get("/api/status");
  const std::string tag = header(first, "ETag");
  ASSERT_NE(tag, "");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(get("/api/status").body, first.body);
  EXPECT_EQ(radio.asked, 1);
  for (const std::string& known : {tag, "W/" + tag, "\"x\", " + tag})
    EXPECT_EQ(answer({.method = "GET", .path = "/api/status", .if_none_match = known}).status, 304);
  EXPECT_EQ(radio.asked, 1);
  radio.moment.ready = 2;
  radio.is_still = false;
  const auto next = answer({.method = "GET", .path = "/api/status", .if_none_match = tag});
  EXPECT_EQ(next.status, 200);
  EXPECT_NE(header(next, "ETag"), tag);
  EXPECT_EQ(radio.asked, 2);
  EXPECT_EQ(std::get<double>(fields(next).at("queue_size")), 2);
}

TEST_F(Api, ManyListenersMakeStatusNoLonger) {
  radio.heard = {{.path = "/stream", .list = {}}};
  const auto before = get("/api/status").body.size();
  radio.heard.front().list.assign(100, {.agent = "VLC/3.0.18 LibVLC/3.0.18"});
  EXPECT_EQ(get("/api/status").body.size(), before);
  EXPECT_GT(get("/api/listeners").body.size(), 100 * 24u);
}

TEST_F(Api, AnIcecastMonitorFindsWhatItExpects) {
  radio.moment.on_air = music::Track{.order = {7, "jazz", "Blue Hour", "", 90, 1}};
  radio.heard = {{.path = "/stream",
                  .type = "audio/mpeg",
                  .bitrate = 192,
                  .listeners = 2,
                  .most_listeners = 5,
                  .list = {}}};
  const auto ask = [&](const char* query = "") {
    return answer({.method = "GET",
                   .path = "/status-json.xsl",
                   .query = query,
                   .base = "https://radio.example:8443/radio"});
  };
  const auto one = ask();
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.type, "application/json");
  for (const char* part :
       {R"({"icestats":{)", R"("host":"radio.example")", R"("server_start":")",
        R"("server_start_iso8601":"20)", R"("source":{"bitrate":192,"dummy":null,"genre":"jazz",)",
        R"("listener_peak":5,"listeners":2,)",
        R"("listenurl":"https://radio.example:8443/radio/stream")", R"("server_name":"Nights")",
        R"("server_type":"audio/mpeg")", R"("title":"Blue Hour")"})
    EXPECT_NE(one.body.find(part), std::string::npos) << part << " in " << one.body;
  radio.heard.push_back({.path = "/stream.opus", .type = "audio/ogg", .list = {}});
  EXPECT_NE(ask().body.find(R"("source":[{)"), std::string::npos);
  EXPECT_NE(ask("mount=%2Fstream.opus").body.find(R"("source":{"dummy")"), std::string::npos);
  EXPECT_EQ(ask("mount=/none").body.find(R"("source":)"), std::string::npos);
  radio.heard.clear();
  EXPECT_EQ(ask().body.find(R"("source":)"), std::string::npos);
}

TEST_F(Api, OtherNamesOfTheStreamsAreStreams) {
  for (const char* path : {"/stream", "/stream/", "/stream.mp3", "/stream.mp3/", "/;",
                           "/;stream.mp3", "/;stream.nsv", "/;?type=http"})
    EXPECT_EQ(output_at(path), 0u) << path;
  for (const char* path : {"/stream.opus", "/stream.opus/", "/stream.ogg", "/stream.ogg/"})
    EXPECT_EQ(output_at(path), 1u) << path;
  for (const char* path : {"/", "", "/streams", "/stream//", "/stream.mp3x", "/stream.aac", ";"})
    EXPECT_EQ(output_at(path), std::nullopt) << path;
  for (const char* path : {"/stream/", "/stream.mp3", "/;", "/stream.ogg"}) {
    EXPECT_EQ(header(get(path, "OPTIONS"), "Access-Control-Allow-Origin"), "*") << path;
    EXPECT_EQ(get(path, "POST").status, 405) << path;
  }
}

TEST_F(Api, OptionsOfAllAreAnswered) {
  const auto reply = get("*", "OPTIONS");
  EXPECT_EQ(reply.status, 204);
  EXPECT_NE(header(reply, "Allow").find("GET"), std::string::npos);
}

TEST_F(Api, PlaylistsNameTheStreamsByThePublicUrl) {
  const auto list = [&](const char* path, std::string_view base) {
    return answer({.method = "GET", .path = path, .base = base});
  };
  const auto m3u = list("/listen.m3u", "http://radio.local:8080");
  EXPECT_EQ(m3u.type, "audio/x-mpegurl");
  EXPECT_EQ(m3u.body,
            "#EXTM3U\n#EXTINF:-1,Nights\nhttp://radio.local:8080/stream\n"
            "#EXTINF:-1,Nights\nhttp://radio.local:8080/stream.opus\n");
  const auto pls = list("/listen.pls", "https://[::1]:8080/radio");
  EXPECT_EQ(pls.type, "audio/x-scpls");
  EXPECT_EQ(pls.body,
            "[playlist]\nFile1=https://[::1]:8080/radio/stream\nTitle1=Nights\nLength1=-1\n"
            "File2=https://[::1]:8080/radio/stream.opus\nTitle2=Nights\nLength2=-1\n"
            "NumberOfEntries=2\nVersion=2\n");
  EXPECT_EQ(header(m3u, "Access-Control-Allow-Origin"), "*");
}

TEST_F(Api, AGenreIsWished) {
  for (const auto& genre : music::kGenres) {
    const auto body = json::Object().set("genre", genre.name).text();
    EXPECT_EQ(post("/api/genre", body).status, 200);
    EXPECT_EQ(radio.told.back(), std::string(genre.name) + " queue");
  }
  const auto reply = post("/api/genre", R"({"when":"now","genre":"jazz","extra":[1]})");
  EXPECT_EQ(reply.body, "{\"genre\":\"jazz\",\"ok\":true,\"when\":\"now\"}\n");
  EXPECT_EQ(radio.told.back(), "jazz now");
}

TEST_F(Api, ABadWishForAGenreChangesNothing) {
  for (const char* body : {"",
                           "{}",
                           "null",
                           "[]",
                           "\"jazz\"",
                           "jazz",
                           R"({"genre":5})",
                           R"({"genre":null})",
                           R"({"genre":""})",
                           R"({"genre":"Jazz"})",
                           R"({"genre":"polka"})",
                           R"({"genre":["jazz"]})",
                           R"({"genre":"jazz","when":"later"})",
                           R"({"genre":"jazz","when":1})",
                           R"({"genre":"jazz","when":null})",
                           R"({"genre":"jazz"} x)",
                           R"({"genre":"jazz","genre":"rock"})",
                           R"({"genre":"jazz")",
                           "genre=jazz",
                           R"({"genre":"jazz\u0000"})"})
    expect_refused(post("/api/genre", body), 400);
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, AnUnknownGenreIsToldWhichThereAre) {
  const auto reply = post("/api/genre", R"({"genre":"polka"})");
  for (const char* part : {"unknown genre", "polka", "ambient", "indie rock, rock"})
    EXPECT_NE(reply.body.find(part), std::string::npos) << part;
}

TEST_F(Api, SkipNeedsNoBody) {
  for (const char* body : {"", "{}", "whatever"})
    EXPECT_EQ(post("/api/skip", body).body, "{\"ok\":true}\n");
  EXPECT_EQ(radio.told, (std::vector<std::string>{"skip", "skip", "skip"}));
}

TEST_F(Api, AutoDjIsSwitched) {
  EXPECT_EQ(post("/api/autodj", R"({"enabled":false})").body, "{\"auto_dj\":false,\"ok\":true}\n");
  EXPECT_FALSE(radio.wished.auto_dj);
  EXPECT_EQ(post("/api/autodj", R"({"enabled":true})").body, "{\"auto_dj\":true,\"ok\":true}\n");
  EXPECT_TRUE(radio.wished.auto_dj);
  radio.told.clear();
  for (const char* body : {"", "{}", "null", "true", R"({"enabled":"yes"})", R"({"enabled":1})",
                           R"({"enabled":null})", R"({"Enabled":false})"})
    expect_refused(post("/api/autodj", body), 400);
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, ConfigReadsBack) {
  for (const auto& reply : {post("/api/config", "{}"), get("/api/config")})
    EXPECT_EQ(reply.body, R"({"crossfade":18,"ok":true,"track_duration":"auto"})"
                          "\n");
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, ConfigTakesOneOrBoth) {
  EXPECT_EQ(post("/api/config", R"({"crossfade":1.9})").body,
            R"({"crossfade":1.9,"ok":true,"track_duration":"auto"})"
            "\n");
  EXPECT_EQ(post("/api/config", R"({"track_duration":5,"crossfade":60})").status, 200);
  EXPECT_EQ(post("/api/config", R"({"track_duration":400,"crossfade":45})").status, 200);
  EXPECT_EQ(post("/api/config", R"({"track_duration":3600,"crossfade":0})").status, 200);
  EXPECT_EQ(radio.wished.track_duration, 3600);
  EXPECT_EQ(radio.wished.crossfade, 0);
  EXPECT_EQ(post("/api/config", R"({"track_duration":"auto"})").body,
            R"({"crossfade":0,"ok":true,"track_duration":"auto"})"
            "\n");
  EXPECT_EQ(radio.wished.track_duration, 0);
}

TEST_F(Api, ATrackLastsWhatItsGeneratorMakes) {
  radio.durations = music::kMadeElsewhere;
  EXPECT_EQ(post("/api/config", R"({"track_duration":10})").status, 200);
  const auto reply = post("/api/config", R"({"track_duration":601})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("10-600, a whole number of seconds"), std::string::npos);
}

TEST_F(Api, ABadConfigAppliesNothing) {
  for (const char* body :
       {"", "null", "[]", R"({"track_duration":120,"crossfade":99})", R"({"track_duration":4})",
        R"({"track_duration":3601})", R"({"track_duration":60.5})", R"({"track_duration":"60"})",
        R"({"track_duration":"Auto"})", R"({"track_duration":0})", R"({"track_duration":null})",
        R"({"track_duration":18446744073709551706})", R"({"crossfade":-0.01})",
        R"({"crossfade":60.1})", R"({"crossfade":"5"})", R"({"crossfade":-5})",
        R"({"crossfade":1e999})", R"({"crossfade":5,"track_duration":5000})",
        R"({"crossfade":true})"})
    expect_refused(post("/api/config", body), 400);
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, WhatIsChangedIsKeptForTheNextStart) {
  post("/api/genre", R"({"genre":"jazz"})");
  post("/api/autodj", R"({"enabled":false})");
  post("/api/config", R"({"crossfade":2.5})");
  EXPECT_EQ(
      memory.settings(),
      (std::map<std::string, std::string>{
          {"RADIO_GENRE", "jazz"}, {"RADIO_AUTO_DJ", "off"}, {"RADIO_CROSSFADE_DURATION", "2.5"}}));
  post("/api/config", R"({"track_duration":"auto"})");
  EXPECT_EQ(memory.settings().at("RADIO_TRACK_DURATION"), "auto");
  post("/api/config", R"({"track_duration":60,"crossfade":99})");
  post("/api/genre", R"({"genre":"polka"})");
  EXPECT_EQ(memory.settings().size(), 4u);
}

TEST_F(Api, WhatIsSetExplicitlyIsNotKeptAndTheAnswerSaysSo) {
  Endpoints set(radio, memory,
                {.explicitly_set = {"RADIO_GENRE", "RADIO_AUTO_DJ", "RADIO_CROSSFADE_DURATION"}});
  const auto ask = [&](const char* path, const char* body) {
    return set.answer({.method = "POST", .path = path, .body = body}).body;
  };
  EXPECT_EQ(
      ask("/api/config", R"({"track_duration":60,"crossfade":2})"),
      R"({"crossfade":2,"not_kept":{"crossfade":"RADIO_CROSSFADE_DURATION is set, and counts )"
      R"(at the next start"},"ok":true,"track_duration":60})"
      "\n");
  EXPECT_NE(ask("/api/genre", R"({"genre":"jazz"})").find(R"("not_kept":{"genre":"RADIO_GENRE)"),
            std::string::npos);
  EXPECT_NE(ask("/api/autodj", R"({"enabled":true})").find(R"({"auto_dj":"RADIO_AUTO_DJ)"),
            std::string::npos);
  EXPECT_EQ(memory.settings(),
            (std::map<std::string, std::string>{{"RADIO_TRACK_DURATION", "60"}}));
}

TEST_F(Api, NothingIsKeptOnADiskThatCannotBeWritten) {
  memory::Memory broken({.folder = "/dev/null/folder"});
  Endpoints endpoints(radio, broken);
  const Reply genre =
      endpoints.answer({.method = "POST", .path = "/api/genre", .body = R"({"genre":"jazz"})"});
  EXPECT_NE(genre.body.find(R"("not_kept":{"genre":"nothing is saved: )"), std::string::npos);
  const Reply status = endpoints.answer({.method = "GET", .path = "/api/status"});
  EXPECT_NE(status.body.find(R"("memory":{"reason":"the folder cannot be written","saved":false})"),
            std::string::npos)
      << status.body;
  for (const Reply& reply : {genre, status}) EXPECT_EQ(reply.body.find("/dev"), std::string::npos);
  EXPECT_NE(get("/api/status").body.find(R"("memory":{"reason":"","saved":true})"),
            std::string::npos);
}

/// With both secrets: who may ask what.
TEST_F(Api, EachRouteTakesTheRightThatItNeeds) {
  memory.remember({.order = {.id = 1, .genre = "jazz"}}, 0);
  const http::Secrets secrets{"listen-to-me", "control-me"};
  Endpoints locked(radio, memory, {.secrets = secrets});
  const std::string people = "Basic eDpsaXN0ZW4tdG8tbWU=";  // x:listen-to-me
  struct Row {
    const char *method, *path, *body;
    int nobody, listener, controller;
  };
  for (const auto& [method, path, body, nobody, listener, controller] :
       {Row{"GET", "/", "", 401, 200, 200}, Row{"GET", "/page.js", "", 401, 200, 200},
        Row{"GET", "/stream", "", 401, 404, 404},  // answered by others
        Row{"HEAD", "/stream.ogg", "", 401, 404, 404}, Row{"GET", "/healthz", "", 200, 200, 200},
        Row{"GET", "/api/access", "", 200, 200, 200}, Row{"GET", "/api/status", "", 200, 200, 200},
        Row{"GET", "/api/history", "", 200, 200, 200},
        Row{"GET", "/api/listeners", "", 401, 401, 200},
        Row{"POST", "/api/skip", "", 401, 401, 200},
        Row{"POST", "/api/genre", R"({"genre":"jazz"})", 401, 401, 200},
        Row{"POST", "/api/autodj", R"({"enabled":true})", 401, 401, 200},
        Row{"POST", "/api/config", "{}", 401, 401, 200},
        Row{"POST", "/api/rate", R"({"id":"1","rating":1})", 401, 200, 200},
        Row{"OPTIONS", "/api/skip", "", 204, 204, 204}, Row{"PUT", "/api/skip", "", 405, 405, 405},
        Row{"GET", "/nothing", "", 404, 404, 404}}) {
    for (const auto& [authorization, status] : {std::pair<std::string, int>{"", nobody},
                                                {people, listener},
                                                {"Bearer listen-to-me", listener},
                                                {"Bearer control-me", controller},
                                                {"Bearer wrong-token", nobody},
                                                {"Basic eDp3cm9uZw==", nobody}}) {
      const Reply reply = locked.answer({.method = method,
                                         .path = path,
                                         .body = body,
                                         .rights = http::rights_of(authorization, secrets)});
      EXPECT_EQ(reply.status, status) << method << " " << path << " " << authorization;
      EXPECT_EQ(header(reply, "WWW-Authenticate") != "", status == 401);
      EXPECT_EQ(reply.body.find("-me"), std::string::npos);
    }
  }
  EXPECT_EQ(
      locked
          .answer(
              {.method = "GET", .path = "/api/access", .rights = http::rights_of(people, secrets)})
          .body,
      R"({"control_token":true,"listen_password":true,"may_control":false,"may_listen":true})"
      "\n");
}

TEST_F(Api, ChangesAreLimited) {
  Endpoints limited(radio, memory, {.limits = {.skip_seconds = 3600, .per_minute = 3}});
  const auto post = [&](const char* path, const char* body) {
    return limited.answer({.method = "POST", .path = path, .body = body});
  };
  EXPECT_EQ(post("/api/skip", "").status, 200);
  const Reply again = post("/api/skip", "");
  EXPECT_EQ(again.status, 429);
  EXPECT_GT(std::stoi(header(again, "Retry-After")), 3500);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(post("/api/config", "{}").status, 200);  // changes nothing
    EXPECT_EQ(post("/api/genre", "{}").status, 400);
  }
  EXPECT_EQ(post("/api/genre", R"({"genre":"jazz"})").status, 200);
  EXPECT_EQ(post("/api/autodj", R"({"enabled":true})").status, 200);
  radio.told.clear();
  EXPECT_EQ(post("/api/config", R"({"crossfade":2})").status, 429);
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, APageOfAStrangeNameOrFormChangesNothing) {
  struct Row {
    const char *host, *origin, *site, *type;
    int status;
  };
  for (const auto& [host, origin, site, type, status] :
       {Row{"evil.example", "http://evil.example", "same-origin", "application/json", 403},
        Row{"evil.example", "", "", "application/x-www-form-urlencoded", 403},
        Row{"radio.example:8080", "", "", "", 200},                               // the public one
        Row{"localhost:8080", "", "", "application/x-www-form-urlencoded", 200},  // curl -d
        Row{"localhost", "http://localhost", "same-origin", "text/plain", 415},
        Row{"localhost", "http://localhost", "", "", 415},
        Row{"localhost", "", "same-origin", "application/x-www-form-urlencoded", 415},
        Row{"localhost", "http://localhost", "same-origin", "Application/JSON ; charset=utf-8",
            200},
        Row{"localhost", "http://evil.example", "cross-site", "application/json", 403}}) {
    radio.told.clear();
    Request request{.method = "POST",
                    .path = "/api/skip",
                    .public_host = "radio.example",
                    .host = host,
                    .origin = origin,
                    .fetch_site = site,
                    .content_type = type};
    EXPECT_EQ(answer(request).status, status) << host << " " << origin << " " << type;
    EXPECT_EQ(radio.told.empty(), status != 200);
    request.rights.has_token = true;  // what no page can know
    EXPECT_EQ(answer(request).status, 200);
  }
}

struct ApiOfMemory : Api {
  ApiOfMemory() {
    for (std::uint64_t id = 1; id <= 5; ++id)
      memory.remember({.order = {.id = id,
                                 .genre = "jazz",
                                 .title = "Hour \"" + std::to_string(id) + "\"",
                                 .caption = "slow",
                                 .duration = 90,
                                 .seed = 7},
                       .generator = "housebandsrc",
                       .artist = "The House Band",
                       .bpm = 92.5,
                       .key = "A minor",
                       .link = "file:///srv/secret.flac"},
                      static_cast<std::int64_t>(1764000000000 + id * 1500));
  }
  Reply rate(std::string_view body, std::string_view cookie = "", std::string_view base = "") {
    return answer(
        {.method = "POST", .path = "/api/rate", .body = body, .base = base, .cookie = cookie});
  }
};

TEST_F(ApiOfMemory, ATrackIsToldWhole) {
  const std::string track =
      R"({"artist":"The House Band","began":1764000007.5,"bpm":92.5,"caption":"slow","dislikes":0,)"
      R"("duration":90,"generator":"housebandsrc","genre":"jazz","key":"A minor","likes":0,)"
      R"("rating":0,"seed":7,"track_id":"5","track_name":"Hour \"5\""})";
  EXPECT_EQ(get("/api/tracks/5").body, track + "\n");
  EXPECT_EQ(answer({.method = "GET", .path = "/api/history", .query = "limit=1"}).body,
            R"({"before":"5","tracks":[)" + track + "]}\n");
  memory.remember({.order = {.id = 6, .genre = "jazz"}}, 0);
  for (const char* part : {R"("bpm":null)", R"("key":"")", R"("track_name":"")"})
    EXPECT_NE(get("/api/tracks/6").body.find(part), std::string::npos) << part;
}

TEST_F(ApiOfMemory, HistoryIsPaged) {
  struct Page {
    const char *query, *ids, *before;
  };
  for (const auto& [query, ids, before] :
       {Page{"", "54321", "null"}, Page{"limit=2", "54", R"("4")"},
        Page{"limit=2&before=4", "32", R"("2")"}, Page{"before=2&limit=2", "1", "null"},
        Page{"before=1", "", "null"}, Page{"before=99&limit=200", "54321", "null"},
        Page{"limit=5", "54321", "null"}, Page{"limit=&before=", "54321", "null"}}) {
    const auto body = answer({.method = "GET", .path = "/api/history", .query = query}).body;
    std::string found;
    const std::string mark = R"("track_id":")";
    for (auto at = body.find(mark); at != body.npos; at = body.find(mark, at + 1))
      found += body[at + mark.size()];
    EXPECT_EQ(found, ids) << query;
    EXPECT_EQ(body.find(std::string(R"({"before":)") + before + ","), 0u) << query << body;
  }
  for (const char* query : {"limit=0", "limit=201", "limit=-1", "limit=x", "limit=1.5", "before=x",
                            "before=-1", "before=99999999999999999999", "limit=1e2"})
    expect_refused(answer({.method = "GET", .path = "/api/history", .query = query}), 400);
}

TEST_F(ApiOfMemory, ATrackThatIsNotThereIs404) {
  for (const char* path :
       {"/api/tracks/", "/api/tracks/0", "/api/tracks/6", "/api/tracks/x", "/api/tracks/1/",
        "/api/tracks/-1", "/api/tracks/1%00", "/api/tracks/18446744073709551616"})
    expect_refused(get(path), 404);
  expect_refused(rate(R"({"id":"6","rating":1})"), 404);
  EXPECT_EQ(get("/api/tracks/1", "POST").status, 405);
}

TEST_F(ApiOfMemory, TheLastVoteOfABrowserCounts) {
  const auto first = rate(R"({"id":"5","rating":1})");
  EXPECT_EQ(first.body, R"({"dislikes":0,"id":"5","likes":1,"ok":true,"rating":1})"
                        "\n");
  const std::string set = header(first, "Set-Cookie");
  EXPECT_EQ(set.find("listener="), 0u) << set;
  EXPECT_EQ(set.substr(41), "; Max-Age=31536000; HttpOnly; SameSite=Lax");
  const std::string cookie = "theme=dark; " + set.substr(0, 41) + "; x=y";
  const auto again = rate(R"({"id":5,"rating":-1})", cookie);
  EXPECT_EQ(again.body, R"({"dislikes":1,"id":"5","likes":0,"ok":true,"rating":-1})"
                        "\n");
  EXPECT_EQ(header(again, "Set-Cookie"), "");  // it has one
  const auto mine = answer({.method = "GET", .path = "/api/tracks/5", .cookie = cookie});
  EXPECT_NE(mine.body.find(R"("rating":-1)"), std::string::npos);
  const auto others = answer({.method = "GET", .path = "/api/history"});
  EXPECT_EQ(others.body.find(R"("rating":-1)"), std::string::npos);
  EXPECT_NE(others.body.find(R"("dislikes":1)"), std::string::npos);
  EXPECT_EQ(others.body.find(cookie.substr(21, 32)), std::string::npos);  // nobody else's token
  EXPECT_NE(header(rate(R"({"id":5,"rating":1})", "", "https://radio.example/radio"), "Set-Cookie")
                .find("; Secure"),
            std::string::npos);
}

TEST_F(ApiOfMemory, CookiesOfOthersAreNoTokens) {
  const std::string token(32, 'a');
  struct Row {
    std::string cookies, token;
  };
  for (const auto& [cookies, expected] :
       {Row{"listener=" + token, token}, Row{"a=b;listener=" + token + ";", token},
        Row{"listener=" + std::string(32, 'A'), token}, Row{"", ""}, Row{";", ""}, Row{"; ;", ""},
        Row{"listener=", ""}, Row{"listener=" + token + "a", ""},
        Row{"listener=" + token.substr(1) + "g", ""}, Row{"xlistener=" + token, ""},
        Row{"listener=x; listener=" + token, token}})
    EXPECT_EQ(listener_in(cookies), expected) << cookies;
}

TEST_F(ApiOfMemory, ABadVoteCountsNothing) {
  for (const char* body :
       {"", "{}", "[]", "null", R"({"id":"5"})", R"({"rating":1})", R"({"id":"5","rating":2})",
        R"({"id":"5","rating":0.5})", R"({"id":"5","rating":"1"})", R"({"id":"5","rating":null})",
        R"({"id":"5","rating":true})", R"({"id":5.5,"rating":1})", R"({"id":-5,"rating":1})",
        R"({"id":"-5","rating":1})", R"({"id":"5 ","rating":1})", R"({"id":[5],"rating":1})",
        R"({"id":1e300,"rating":1})", R"({"id":"","rating":1})",
        R"({"id":"5","id":"4","rating":1})"})
    expect_refused(rate(body), 400);
  EXPECT_EQ(memory.find(5)->likes, 0);
  expect_refused(answer({.method = "POST",
                         .path = "/api/rate",
                         .body = R"({"id":"5","rating":1})",
                         .host = "radio",
                         .origin = "http://evil.example"}),
                 403);
  EXPECT_EQ(memory.find(5)->likes, 0);
}

TEST_F(Api, AHugeBodyIsTooLarge) {
  expect_refused(post("/api/genre", std::string(70000, ' ')), 413);
}

TEST_F(Api, HealthIsBadWithAReason) {
  EXPECT_EQ(get("/healthz").body, "{\"ok\":true,\"position\":1.5}\n");
  radio.state = {.good = false, .reason = "the output stands still", .position = 0};
  const auto reply = get("/healthz");
  expect_refused(reply, 503);
  EXPECT_NE(reply.body.find("stands still"), std::string::npos);
}

TEST_F(Api, UnknownPathsAre404) {
  for (const char* path : {"/nothing", "/api", "/api/", "/api/statusx", "/API/status", "//",
                           "/index.html", "/api/status/", "/web", "/\xff", "", "*"})
    expect_refused(get(path), 404);
}

TEST_F(Api, WrongMethodsAre405AndSayWhichAreRight) {
  struct Row {
    const char *method, *path, *allow;
  };
  for (const auto& [method, path, allow] :
       {Row{"GET", "/api/skip", "POST, OPTIONS"}, Row{"HEAD", "/api/genre", "POST, OPTIONS"},
        Row{"POST", "/api/status", "GET, HEAD, OPTIONS"}, Row{"POST", "/", "GET, HEAD, OPTIONS"},
        Row{"POST", "/stream", "GET, HEAD, OPTIONS"},
        Row{"POST", "/stream.opus", "GET, HEAD, OPTIONS"},
        Row{"POST", "/listen.m3u", "GET, HEAD, OPTIONS"},
        Row{"DELETE", "/api/config", "GET, HEAD, POST, OPTIONS"},
        Row{"POST", "/healthz", "GET, HEAD, OPTIONS"}}) {
    const auto reply = get(path, method);
    expect_refused(reply, 405);
    EXPECT_EQ(header(reply, "Allow"), allow) << path;
  }
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, ThePageIsServedWithItsTag) {
  const auto reply = get("/");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.type, "text/html; charset=utf-8");
  EXPECT_NE(reply.body.find("<title>Infinara"), std::string::npos);
  EXPECT_EQ(header(reply, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(reply, "Content-Security-Policy").find("default-src 'self'"), 0u);
  const std::string tag = header(reply, "ETag");
  for (const std::string& asked : {tag, "\"other\", " + tag, std::string("*")}) {
    const auto again = answer({.method = "GET", .path = "/", .if_none_match = asked});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(header(again, "ETag"), tag);
  }
  EXPECT_EQ(answer({.method = "GET", .path = "/", .if_none_match = "\"other\""}).status, 200);
  EXPECT_EQ(get("/style.css").type, "text/css; charset=utf-8");
  EXPECT_EQ(get("/page.js", "HEAD").type, "text/javascript; charset=utf-8");
}

TEST_F(Api, ThePagesFilesAreCompressedForThoseWhoTakeIt) {
  const auto plain = get("/style.css");
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
  const auto ask = [&](std::string_view known) {
    return answer({.method = "GET",
                   .path = "/style.css",
                   .if_none_match = known,
                   .accept_encoding = "gzip, br"});
  };
  const auto gzipped = ask("");
  EXPECT_EQ(header(gzipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(gzipped, "Vary"), "Accept-Encoding");
  EXPECT_EQ(gzipped.body.substr(0, 2), "\x1f\x8b");
  EXPECT_LT(gzipped.body.size(), plain.body.size() / 2);
  // Two representations, two tags.
  EXPECT_NE(header(gzipped, "ETag"), header(plain, "ETag"));
  EXPECT_EQ(ask(header(gzipped, "ETag")).status, 304);
  EXPECT_EQ(ask(header(plain, "ETag")).status, 200);
}

TEST_F(Api, ThePreviewOfALinkNamesThePublicUrl) {
  const auto page = [&](std::string_view base) {
    return answer({.method = "GET", .path = "/", .base = base});
  };
  EXPECT_NE(
      page("https://a.example/radio").body.find(R"(content="https://a.example/radio/card.png")"),
      std::string::npos);
  EXPECT_EQ(page("https://a.example").body.find("%BASE%"), std::string::npos);
  EXPECT_NE(header(page("https://a.example"), "ETag"), header(page("https://b.example"), "ETag"));
  EXPECT_EQ(page(R"(http://"><script>)").body.find("<script>"), std::string::npos);
  EXPECT_EQ(get("/card.png").type, "image/png");
  EXPECT_EQ(get("/manifest.webmanifest").type, "application/manifest+json");
}

TEST_F(Api, ThePageAtThePublicUrlIsOfTheSameSite) {
  const auto status = [&](std::string_view origin, std::string_view base) {
    return answer({.method = "POST",
                   .path = "/api/skip",
                   .base = base,
                   .host = "127.0.0.1:8080",
                   .origin = origin,
                   .content_type = "application/json"})
        .status;
  };
  EXPECT_EQ(status("https://radio.example", "https://radio.example/radio"), 200);
  EXPECT_EQ(status("https://radio.example:8443", "https://radio.example:8443"), 200);
  EXPECT_EQ(status("https://evil.example", "https://radio.example/radio"), 403);
  EXPECT_EQ(status("https://radio.example:9", "https://radio.example:8443/x"), 403);
}

struct Visitor {
  const char *host, *origin, *site;
  bool cross;
};

TEST_F(Api, PagesOfOtherSitesMayNotChangeAnything) {
  for (const auto& [host, origin, site, cross] :
       {Visitor{"radio:8080", "", "", false},
        Visitor{"radio:8080", "http://radio:8080", "same-origin", false},
        Visitor{"Radio.Local", "http://radio.local", "", false},
        Visitor{"radio", "https://radio:9443", "", false},
        Visitor{"[::1]:8080", "http://[::1]:8080", "", false},
        Visitor{"127.0.0.1:8080", "https://radio.example", "same-origin", false},
        Visitor{"127.0.0.1:8080", "https://radio.example", "", true},
        Visitor{"127.0.0.1:8080", "https://other.radio.example", "same-site", true},
        Visitor{"radio:8080", "http://evil.example", "", true},
        Visitor{"radio:8080", "http://evil.example:8080", "", true},
        Visitor{"radio:8080", "null", "", true},
        Visitor{"radio:8080", "http://radio:9000", "", true}, Visitor{"", "http://evil", "", true},
        Visitor{"[::1]:8080", "http://[::2]:8080", "", true},
        Visitor{"radio", "http://radio.evil", "", true},
        Visitor{"radio:8080", "", "cross-site", true}}) {
    radio.told.clear();
    const auto reply = answer({.method = "POST",
                               .path = "/api/skip",
                               .host = host,
                               .origin = origin,
                               .fetch_site = site,
                               .content_type = "application/json"});
    EXPECT_EQ(reply.status, cross ? 403 : 200) << host << " " << origin;
    EXPECT_EQ(radio.told.empty(), cross);
  }
}

}  // namespace
}  // namespace infinara::app
