// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "app/api_fixture.hpp"
#include "music/genre.hpp"

namespace infinara::app {
namespace {

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
      .join = onair::Join{100'000'000, 6, 7, -1.52, 0.5, 0.94, -1, 1},
      .blend = Blend{7, 8, 2.5, 4800, 124800, 52800, "8 bars at 118 bpm"},
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
      {R"("fade":{"begin":4800,"end":124800,"from":"7","on_air":52800,"plan":"8 bars at 118 bpm","remaining":2.5,"to":"8"})",
       R"("join":{"basses":0.9,"beats_apart":null,"dip":-1.5,"fifths":1,"from":"6","position":4800,"rise":0.5,"to":"7"})",
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
  std::string entries, files;
  int count = 0;
  for (const auto& output : station::kOutputs) {
    const std::string path(output.path), number = std::to_string(++count);
    entries += "#EXTINF:-1,Nights\nhttp://radio.local:8080" + path + "\n";
    files += "File" + number + "=https://[::1]:8080/radio" + path + "\nTitle" + number +
             "=Nights\nLength" + number + "=-1\n";
  }
  EXPECT_EQ(m3u.body, "#EXTM3U\n" + entries);
  const auto pls = list("/listen.pls", "https://[::1]:8080/radio");
  EXPECT_EQ(pls.type, "audio/x-scpls");
  EXPECT_EQ(pls.body,
            "[playlist]\n" + files + "NumberOfEntries=" + std::to_string(count) + "\nVersion=2\n");
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

TEST_F(Api, EachRouteIsDescribed) {
  const auto description = get("/api/openapi.json");
  EXPECT_EQ(description.status, 200);
  EXPECT_EQ(description.type, "application/json");
  for (const auto path : Endpoints::paths())
    EXPECT_NE(description.body.find("\n    \"" + std::string(path)), std::string::npos) << path;
}

}  // namespace
}  // namespace infinara::app
