// SPDX-License-Identifier: Apache-2.0
// What the double does that no recording shows: faults, loading, later builds, the audio it makes.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "asking.hpp"
#include "music/caption.hpp"
#include "music/genre.hpp"
#include "support/band_musician.hpp"

using namespace support;

TEST(AceStepDouble, TurnsATwoIntoAOneWhenItIsLate) {
  DoubleSettings settings = quick();
  settings.delay = 0.2;
  settings.plan = in_turn({Fault::kLate});
  const AceStepDouble server(settings);
  const std::string id = submit(server, order());
  EXPECT_NE(until(server, id, R"re(\\"status\\": 0.*"status":2)re"), "");
  EXPECT_NE(until(server, id, R"re(\\"status\\": 1.*"status":1)re"), "");
}

TEST(AceStepDouble, HonoursRangesAsACurrentServerDoes) {
  DoubleSettings settings = quick();
  settings.honours_range = true;
  const AceStepDouble server(settings);
  const std::string id = submit(server, order());
  const std::string url = "/v1/audio?path=" + match(until(server, id, kDone), "path=([^\\\\]+)");
  const std::string whole = get(server, url);
  const std::string part = get(server, url, "Range: bytes=0-99\r\n");
  EXPECT_NE(part.find("HTTP/1.1 206 Partial Content\r\n"), part.npos);
  EXPECT_NE(part.find("content-range: bytes 0-99/"), part.npos);
  EXPECT_EQ(part.substr(part.find("\r\n\r\n")), whole.substr(whole.find("\r\n\r\n"), 104));
  EXPECT_NE(get(server, url, "Range: bytes=99999999-\r\n").find("HTTP/1.1 416 "),
            std::string::npos);
}

TEST(AceStepDouble, RefusesConnectionsWhileItLoads) {
  DoubleSettings settings = quick();
  settings.loading = 1;
  settings.speed = 10;
  const AceStepDouble server(settings);
  EXPECT_EQ(Client(server.port()).fd(), -1);
  EXPECT_TRUE(eventually([&] { return Client(server.port()).fd() >= 0; }));
}

TEST(AceStepDouble, LaterMayAnswerWhileItLoads) {
  DoubleSettings settings = quick(Dialect::kLater);
  settings.loads_behind_open_door = true;
  settings.loading = 1000;
  const AceStepDouble server(settings);
  EXPECT_NE(get(server, "/health").find("\"models_initialized\":false"), std::string::npos);
  submit(server, order());
  EXPECT_EQ(server.counts().running, 0);
}

TEST(AceStepDouble, MakesRealAudioOfEachFormatAndLength) {
  DoubleSettings settings;
  settings.delay = 0.01;
  const AceStepDouble server(settings);
  for (const std::string format : {"mp3", "flac", "wav"}) {
    const std::string id = submit(server, order("\"audio_format\": \"" + format + "\""));
    const std::string url = "/v1/audio?path=" + match(until(server, id, kDone), "path=([^\\\\]+)");
    const std::string answer = get(server, url);
    const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
    if (format == "mp3") {
      EXPECT_NEAR(static_cast<double>(body.size()), 160000, 4000);
    } else if (format == "flac") {
      EXPECT_EQ(body.substr(0, 4), "fLaC");
    } else {
      EXPECT_EQ(body.size(), 44 + 10 * 48000 * 4U);
    }
  }
}

TEST(AceStepDouble, LaterSaysWhyAJobFailedAndWhatIsLoaded) {
  DoubleSettings settings = quick(Dialect::kLater);
  settings.plan = in_turn({Fault::kOutOfMemory});
  const AceStepDouble server(settings);
  const std::string health = get(server, "/health");
  for (const char* words : {R"("models_initialized":true)", R"("llm_initialized":true)",
                            R"("loaded_model":"acestep-v15-turbo")", R"("status":"ok")"})
    EXPECT_NE(health.find(words), health.npos) << words;
  EXPECT_NE(get(server, "/v1/models").find(R"("supported_task_types":["text2music")"),
            std::string::npos);
  const std::string id = submit(server, order());
  const std::string failed = until(server, id, kDone);
  EXPECT_NE(failed.find(R"(\"error\": \"Traceback (most recent call last):)"), failed.npos)
      << failed;
  EXPECT_NE(post(server, "/release_task", order(R"("src_audio_path": "/app/outputs/a.wav")"))
                .find("HTTP/1.1 400 "),
            std::string::npos);
}

TEST(AceStepDouble, ADeckOfFaultsIsDealtWhole) {
  std::vector<Fault> rows;
  for (const FaultRow& row : faults()) rows.push_back(row.fault);
  const auto plan = shuffled(rows, 5);
  for (std::size_t deal = 0; deal < 3; ++deal) {
    std::set<Fault> met;
    for (std::size_t i = 0; i < rows.size(); ++i) met.insert(plan(deal * rows.size() + i));
    EXPECT_EQ(met.size(), rows.size());
  }
}

TEST(AceStepDouble, TheHouseBandPlaysTheGenreThatTheWordsSpeakOf) {
  infinara::music::Random random(2);
  for (const auto& genre : infinara::music::kGenres)
    for (int i = 0; i < 200; ++i) {
      const std::string caption = infinara::music::draw_caption(genre, {}, random);
      EXPECT_EQ(genre_of(caption).name, genre.name) << caption;
    }
  EXPECT_EQ(genre_of("warm jazz trio, brushed drums").name, "jazz");
  EXPECT_EQ(genre_of("Fast DRUM and BASS").name, "drum and bass");

  Tune tune;
  tune.seconds = 4;
  tune.prompt = "warm jazz trio, brushed drums";
  const Pcm jazz = house_band(tune);
  EXPECT_DOUBLE_EQ(jazz.seconds(), 4);
  EXPECT_GT(*std::ranges::max_element(jazz.samples), 0.1F);
  tune.prompt = "rock";
  EXPECT_NE(house_band(tune).samples, jazz.samples);
}

TEST(AceStepDouble, ShowsEachFaultAndSurvivesIt) {
  // Whatever the fault, the double must answer /health after it and end at once; what else it shows
  // is a client's business.
  for (const FaultRow& row : faults()) {
    DoubleSettings settings = quick();
    settings.speed = 20;
    settings.delay = 0.2;
    settings.plan = in_turn({row.fault});
    const AceStepDouble server(settings);
    {
      Client client(server.port());
      const std::string body = order();
      client.send(
          "POST /release_task HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
      if (row.fault != Fault::kSubmitHang && row.fault != Fault::kSubmitCut) {
        EXPECT_NE(client.read_some().find("HTTP/1.1 "), std::string::npos) << row.name;
      }
    }
    const auto is_healthy = [&] {
      Client client(server.port());
      return client.fd() >= 0 && client.send("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n") &&
             client.read_all().find("\"ok\"") != std::string::npos;
    };
    // A request that meets a server which answers nothing waits in vain; the next one does not.
    EXPECT_TRUE(eventually(is_healthy, 3 * kPatience)) << row.name;
  }
}
