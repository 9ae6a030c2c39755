// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "config/settings.hpp"

namespace infinara::config {
namespace {

using Variables = std::map<std::string, std::string>;

std::variant<Config, Say> configured(const Variables& variables,
                                     const std::vector<const char*>& arguments = {}) {
  return configure(arguments, [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Config, DefaultsAreThoseOfTheOriginalsCodeButForTheLengthOfATrack) {
  const Config config = std::get<Config>(configured({}));
  EXPECT_EQ(config.http.port, 8080);
  EXPECT_EQ(config.http.address, "::");
  EXPECT_EQ(config.dj.genre, "lofi hip hop");
  EXPECT_EQ(config.dj.track_duration, 0);
  EXPECT_EQ(config.dj.crossfade, 18);
  EXPECT_EQ(config.dj.buffer_ahead, 3);
  EXPECT_EQ(config.dj.dwell_min, 300);
  EXPECT_EQ(config.dj.dwell_max, 900);
  EXPECT_TRUE(config.dj.auto_dj);
}

TEST(Config, AnEmptyVariableIsUnset) {
  EXPECT_EQ(std::get<Config>(configured({{"RADIO_PORT", ""}, {"RADIO_GENRE", ""}})), Config{});
}

TEST(Config, VariablesAreRead) {
  const Config config = std::get<Config>(configured({{"RADIO_PORT", "9000"},
                                                     {"RADIO_ADDRESS", "127.0.0.1"},
                                                     {"RADIO_GENRE", "drum and bass"},
                                                     {"RADIO_CROSSFADE_DURATION", "1.9"},
                                                     {"RADIO_DWELL_MIN", "60"},
                                                     {"RADIO_DWELL_MAX", "60"},
                                                     {"RADIO_AUTO_DJ", "false"},
                                                     {"RADIO_SEED", "4294967295"}}));
  EXPECT_EQ(config.http.port, 9000);
  EXPECT_EQ(config.http.address, "127.0.0.1");
  EXPECT_EQ(config.dj.genre, "drum and bass");
  EXPECT_EQ(config.dj.crossfade, 1.9);
  EXPECT_EQ(config.dj.dwell_min, 60);
  EXPECT_EQ(config.dj.dwell_max, 60);
  EXPECT_FALSE(config.dj.auto_dj);
  EXPECT_EQ(config.dj.seed, 4294967295);
}

TEST(Config, AnOptionComesBeforeItsVariable) {
  const Variables variables{{"RADIO_PORT", "9000"}};
  EXPECT_EQ(std::get<Config>(configured(variables, {"--port=9001"})).http.port, 9001);
  EXPECT_EQ(std::get<Config>(configured(variables, {"--port", "9002"})).http.port, 9002);
  EXPECT_EQ(std::get<Config>(configured({}, {"--genre=jazz", "--curve=linear"})).dj.genre, "jazz");
}

struct Bad {
  const char* variable;
  const char* value;
  const char* range;  // a part of what the error must say of it
};

class BadVariable : public testing::TestWithParam<Bad> {};

TEST_P(BadVariable, StopsTheStartWithOneLineNamingVariableValueAndRange) {
  const auto& [variable, value, range] = GetParam();
  const auto say = std::get<Say>(configured({{variable, value}}));
  EXPECT_NE(say.code, 0);
  EXPECT_NE(say.text.find(variable), say.text.npos) << say.text;
  EXPECT_NE(say.text.find(value), say.text.npos) << say.text;
  EXPECT_NE(say.text.find(range), say.text.npos) << say.text;
  EXPECT_EQ(say.text.find('\n'), say.text.size() - 1) << say.text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadVariable,
    testing::Values(
        Bad{"RADIO_PORT", "eighty", "0 to 65535"}, Bad{"RADIO_PORT", "80a", "0 to 65535"},
        Bad{"RADIO_PORT", "-1", "0 to 65535"}, Bad{"RADIO_PORT", "65536", "0 to 65535"},
        Bad{"RADIO_PORT", " 80", "0 to 65535"}, Bad{"RADIO_PORT", "80.5", "0 to 65535"},
        Bad{"RADIO_PORT", "99999999999999999999", "0 to 65535"},
        Bad{"RADIO_GENRE", "polka", "lofi hip hop"}, Bad{"RADIO_GENRE", "Jazz", "jazz"},
        Bad{"RADIO_TRACK_DURATION", "0", "auto or a whole number from 5"},
        Bad{"RADIO_TRACK_DURATION", "Auto", "auto or"},
        Bad{"RADIO_TRACK_DURATION", "4000", "to 3600"},
        Bad{"RADIO_CROSSFADE_DURATION", "-5", "0 to 60"},
        Bad{"RADIO_CROSSFADE_DURATION", "nan", "0 to 60"},
        Bad{"RADIO_CROSSFADE_DURATION", "inf", "0 to 60"},
        Bad{"RADIO_CROSSFADE_DURATION", "18s", "0 to 60"},
        Bad{"RADIO_CROSSFADE_DURATION", "1e9", "0 to 60"}, Bad{"RADIO_BUFFER_AHEAD", "0", "from 1"},
        Bad{"RADIO_BUFFER_AHEAD", "3.5", "whole"}, Bad{"RADIO_DWELL_MIN", "0", "from 1"},
        Bad{"RADIO_DWELL_MIN", "901", "RADIO_DWELL_MAX"},
        Bad{"RADIO_DWELL_MAX", "60", "RADIO_DWELL_MIN"}, Bad{"RADIO_AUTO_DJ", "maybe", "on or off"},
        Bad{"RADIO_SEED", "-2", "4294967295"}, Bad{"RADIO_SEED", "4294967296", "4294967295"},
        Bad{"RADIO_CURVE", "cubic", "smoothstep, equal-power, linear"},
        Bad{"RADIO_MAX_LISTENERS", "0", "from 1"}, Bad{"RADIO_MAX_PEERS", "0", "1 to 1000"},
        Bad{"RADIO_WEBRTC", "perhaps", "on or off"}, Bad{"RADIO_SKIP_INTERVAL", "-1", "0 to 3600"},
        Bad{"RADIO_CHANGES_PER_MINUTE", "many", "0 to 10000"},
        Bad{"RADIO_CONTROL_TOKEN_FILE", "/dev/null/none", "a file that holds 8 to 128"},
        Bad{"RADIO_LISTEN_PASSWORD_FILE", "/dev/null", "a file that holds 8 to 128"},
        Bad{"RADIO_HISTORY_SIZE", "9", "10 to 100000"}, Bad{"RADIO_STATE_DIR", "  ", "not blank"},
        Bad{"RADIO_TRUSTED_PROXIES", "10.0.0.0/33", "ranges like"},
        Bad{"RADIO_TRUSTED_PROXIES", "proxy.local", "or none"},
        Bad{"RADIO_TRUSTED_PROXIES", "10.0.0.0/8,,::1", "commas"},
        Bad{"RADIO_TRUSTED_PROXIES", "*", "addresses"},
        Bad{"RADIO_PUBLIC_URL", "radio.example", "http://"},
        Bad{"RADIO_PUBLIC_URL", "https://radio.example/?x", "without a query"},
        Bad{"RADIO_PUBLIC_URL", "https://a b/", "a host"},
        Bad{"RADIO_WEBRTC_ADDRESSES", "localhost", "IPv4"},
        Bad{"RADIO_WEBRTC_ADDRESSES", "127.0.0.1,", "commas"},
        Bad{"RADIO_WEBRTC_ADDRESSES", "127.0.0.256", "IPv4"}, Bad{"RADIO_NAME", "   ", "not blank"},
        Bad{"RADIO_STUN_SERVER", "stun.example:3478", "stun://HOST:PORT"},
        Bad{"RADIO_STUN_SERVER", "stun://example", "stun://HOST:PORT"},
        Bad{"RADIO_STUN_SERVER", "stun://:1", "stun://HOST:PORT"},
        Bad{"RADIO_STUN_SERVER", "stun://a b:1", "stun://HOST:PORT"}));

TEST(Config, ABadOptionNamesItsVariableToo) {
  const auto say = std::get<Say>(configured({}, {"--port=x"}));
  EXPECT_EQ(say.text, "--port=\"x\" (RADIO_PORT): must be a whole number from 0 to 65535\n");
  EXPECT_NE(std::get<Say>(configured({}, {"--prot=1"})).text.find("no such option"),
            std::string::npos);
  EXPECT_NE(std::get<Say>(configured({}, {"--port"})).text.find("missing"), std::string::npos);
  EXPECT_NE(std::get<Say>(configured({}, {"8080"})).code, 0);
  EXPECT_NE(std::get<Say>(configured({}, {"--"})).code, 0);
  EXPECT_NE(std::get<Say>(configured({}, {"--="})).code, 0);
}

TEST(Config, NoValueBreaksTheLineOfTheError) {
  const auto say = std::get<Say>(configured({{"RADIO_NAME", "a\nb\x1b[2J"}}));
  EXPECT_EQ(say.text.find('\n'), say.text.size() - 1);
  EXPECT_EQ(say.text.find('\x1b'), say.text.npos);
}

TEST(Config, HelpIsTheTable) {
  const auto say = std::get<Say>(configured({}, {"--help"}));
  EXPECT_EQ(say.code, 0);
  for (const char* text : {"--port", "RADIO_PORT", "8080", "0 to 65535", "RADIO_CROSSFADE_DURATION",
                           "18", "RADIO_DWELL_MAX", "900", "lofi hip hop"})
    EXPECT_NE(say.text.find(text), say.text.npos) << text;
}

TEST(Config, TheFileOfVariablesHoldsEachSettingAndChangesNothing) {
  const auto say = std::get<Say>(configured({}, {"--print-settings"}));
  EXPECT_EQ(say.code, 0);
  for (const auto& setting : settings())
    EXPECT_NE(say.text.find("\n#" + std::string(setting.variable) + "=" + setting.initial() + "\n"),
              say.text.npos)
        << setting.variable;
  std::istringstream lines(say.text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.empty() || line.starts_with('#')) << line;
}

TEST(Config, TheGeneratorsVariablesAreJudgedAsWell) {
  const auto config = std::get<Config>(configured({}));
  EXPECT_EQ(config.acestep.url, "");
  EXPECT_EQ(config.acestep.folder, "");
  // Unset is what suits the model, which the original's 50 steps, 4 and 3 do not.
  EXPECT_EQ(config.acestep.inference_steps, 0);
  EXPECT_EQ(config.acestep.guidance_scale, 0);
  EXPECT_EQ(config.acestep.shift, 0);
  EXPECT_EQ(config.acestep.audio_format, "flac");
  EXPECT_EQ(config.ollama.model, "qwen3:32b");
  const auto two = "http://gpu:8001, https://other.example/ace";
  EXPECT_EQ(std::get<Config>(configured({{"ACESTEP_API_URL", two}})).acestep.url, two);
  EXPECT_EQ(std::get<Config>(configured({{"RADIO_SHIFT", "1.5"}})).acestep.shift, 1.5);
  for (const auto& [variable, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"ACESTEP_API_URL", "gpu:8001"},
           {"ACESTEP_API_URL", "http://"},
           {"ACESTEP_API_URL", "http://gpu,"},
           {"ACESTEP_API_URL", "file:///etc/passwd"},
           {"OLLAMA_URL", "ollama"},
           {"RADIO_SHIFT", "abc"},
           {"RADIO_GUIDANCE_SCALE", "-1"},
           {"RADIO_INFERENCE_STEPS", "-1"},
           {"RADIO_INFERENCE_STEPS", "8.5"},
           {"RADIO_AUDIO_FORMAT", "ogg"}}) {
    const auto say = std::get<Say>(configured({{variable, value}}));
    EXPECT_NE(say.code, 0);
    EXPECT_TRUE(say.text.starts_with(std::string(variable) + "=\"" + value + "\": must be "))
        << say.text;
  }
}

TEST(Config, AKeyIsNeverShown) {
  const auto say = std::get<Say>(configured({{"ACESTEP_API_KEY", "sesame\n"}}));
  EXPECT_EQ(say.text.find("sesame"), say.text.npos);
  EXPECT_NE(say.text.find("ACESTEP_API_KEY"), say.text.npos);
}

TEST(Config, ARelaysPasswordIsNeverShown) {
  const auto say = std::get<Say>(configured({{"RADIO_TURN_SERVER", "turn://me:sesame@host"}}));
  EXPECT_EQ(say.text.find("sesame"), say.text.npos);
  EXPECT_NE(say.text.find("turn://USER:PASSWORD@HOST:PORT"), say.text.npos);
  for (const char* good : {"turn://me:sesame@host:3478", "turns://me:se@same@[::1]:5349"})
    EXPECT_EQ(std::get<Config>(configured({{"RADIO_TURN_SERVER", good}})).webrtc.turn_server, good);
}

TEST(Config, WebRtcKeepsToTheAddressesOfTheStation) {
  const auto addresses = [](const Variables& variables) {
    return webrtc_addresses(std::get<Config>(configured(variables)));
  };
  using All = std::vector<std::string>;
  EXPECT_EQ(addresses({}), All{});
  EXPECT_EQ(addresses({{"RADIO_ADDRESS", "127.0.0.1"}}), All{"127.0.0.1"});
  EXPECT_EQ(addresses({{"RADIO_ADDRESS", "localhost"}}), All{"127.0.0.1"});
  EXPECT_EQ(addresses({{"RADIO_ADDRESS", "::"}}), All{});
  EXPECT_EQ(addresses({{"RADIO_ADDRESS", "::"}, {"RADIO_WEBRTC_ADDRESSES", "192.0.2.1, ::1"}}),
            (All{"192.0.2.1", "::1"}));
}

TEST(Config, EachPortHasAStateFileOfItsOwn) {
  const auto file = [](const Variables& variables) {
    return acestep_state_file(std::get<Config>(configured(variables)),
                              [](const char*) { return nullptr; });
  };
  EXPECT_TRUE(file({}).ends_with("/infinara/acestep-8080.json"));
  EXPECT_TRUE(file({{"RADIO_PORT", "9000"}}).ends_with("/infinara/acestep-9000.json"));
  EXPECT_EQ(file({{"ACESTEP_STATE_FILE", "/tmp/tasks.json"}}), "/tmp/tasks.json");
}

TEST(Config, ASecretIsReadAndNeverShown) {
  for (const char* variable : {"RADIO_LISTEN_PASSWORD", "RADIO_CONTROL_TOKEN"})
    for (const char* bad :
         {"sesame", "sesame open it", "sesame-sesame\n", "sesame-sesam\xc3\xa9"}) {
      const auto say = std::get<Say>(configured({{variable, bad}}));
      EXPECT_EQ(say.text, std::string(variable) +
                              "=(not shown): must be 8 to 128 visible characters of ASCII\n");
    }
  const std::string file = testing::TempDir() + "/infinara-secret";
  std::ofstream(file) << "from-a-file\n";
  const Config config = std::get<Config>(configured({{"RADIO_LISTEN_PASSWORD", "open-sesame"},
                                                     {"RADIO_CONTROL_TOKEN_FILE", file},
                                                     {"ACESTEP_API_KEY_FILE", file}}));
  EXPECT_EQ(config.acestep.key, "from-a-file");
  EXPECT_EQ(config.http.listen_password, "open-sesame");
  EXPECT_EQ(config.http.control_token, "from-a-file");
  std::ofstream(file) << "two-lines\ntwo-lines\n";
  const auto say = std::get<Say>(configured({{"RADIO_CONTROL_TOKEN_FILE", file}}));
  EXPECT_EQ(say.text.find("two-lines"), say.text.npos) << say.text;
}

TEST(Config, TheStateFolderIsTheFirstThatIsNamed) {
  const auto folder = [](const Variables& variables, const char* systemd) {
    return state_folder(std::get<Config>(configured(variables)), [&](const char* variable) {
      return std::string_view(variable) == "STATE_DIRECTORY" ? systemd : nullptr;
    });
  };
  EXPECT_EQ(folder({{"RADIO_STATE_DIR", "/srv/radio"}}, "/var/lib/radio"), "/srv/radio");
  EXPECT_EQ(folder({}, "/var/lib/radio"), "/var/lib/radio");
  EXPECT_EQ(folder({}, "/var/lib/radio:/var/lib/other"), "/var/lib/radio");
  for (const char* unset : {static_cast<const char*>(nullptr), ""})
    EXPECT_TRUE(folder({}, unset).ends_with("/infinara")) << folder({}, unset);
}

TEST(Config, WhatWasChangedIsRestoredUnlessSetExplicitly) {
  const auto restored = [](const Variables& variables, const Variables& changed,
                           const std::vector<const char*>& arguments = {}) {
    Config config = std::get<Config>(configured(variables, arguments));
    restore(changed, config);
    return config.dj;
  };
  const Variables changed{{"RADIO_GENRE", "jazz"},
                          {"RADIO_AUTO_DJ", "off"},
                          {"RADIO_CROSSFADE_DURATION", "2.5"},
                          {"RADIO_TRACK_DURATION", "700"}};
  const Dj all = restored({}, changed);
  EXPECT_EQ(all.genre, "jazz");
  EXPECT_FALSE(all.auto_dj);
  EXPECT_EQ(all.crossfade, 2.5);
  EXPECT_EQ(all.track_duration, 700);
  EXPECT_EQ(restored({{"RADIO_GENRE", "rock"}}, changed).genre, "rock");
  EXPECT_EQ(restored({}, changed, {"--crossfade=9"}).crossfade, 9);
  // The same as the default, but said.
  EXPECT_TRUE(restored({{"RADIO_AUTO_DJ", "on"}}, changed).auto_dj);
  EXPECT_EQ(restored({{"ACESTEP_API_URL", "http://gpu:8001"}}, changed).track_duration, 0);
  EXPECT_EQ(restored({}, {{"RADIO_TRACK_DURATION", "auto"}}), Dj{});
  EXPECT_EQ(restored({}, {{"RADIO_GENRE", "polka"}, {"RADIO_NOTHING", "1"}}), Dj{});
}

TEST(Config, APasswordInAnAddressIsRefusedAndNotShown) {
  const auto say = std::get<Say>(configured({{"ACESTEP_API_URL", "http://me:sesame@gpu:8001"}}));
  EXPECT_EQ(say.code, 2);
  EXPECT_EQ(say.text.find("sesame"), say.text.npos) << say.text;
  for (const char* url : {"gpu:8001", "http://", "http://gpu:99999", "http://gpu:x", "ftp://gpu",
                          "http://gpu?a=b", "http://gpu,,http://other"})
    EXPECT_EQ(std::get<Say>(configured({{"ACESTEP_API_URL", url}})).code, 2) << url;
}

TEST(Config, TracksAreAsLongAsTheGeneratorCanMakeThem) {
  const Variables gpu{{"ACESTEP_API_URL", "http://gpu:8001"}};
  EXPECT_EQ(std::get<Say>(configured(gpu, {"--track-duration=5"})).code, 2);
  EXPECT_EQ(std::get<Say>(configured(gpu, {"--track-duration=601"})).code, 2);
  EXPECT_EQ(std::get<Config>(configured(gpu, {"--track-duration=600"})).dj.track_duration, 600);
  EXPECT_EQ(std::get<Config>(configured({}, {"--track-duration=5"})).dj.track_duration, 5);
  for (const Variables& variables : {Variables{}, gpu})
    EXPECT_EQ(std::get<Config>(configured(variables, {"--track-duration=auto"})).dj.track_duration,
              0);
}

TEST(Config, NoSecretStaysInTheEnvironmentOnceItWasRead) {
  for (const char* variable : {"ACESTEP_API_KEY", "RADIO_TURN_SERVER", "SOMEBODY_ELSES"})
    ::setenv(variable, "sesame", 1);
  forget_variables();
  EXPECT_EQ(std::getenv("ACESTEP_API_KEY"), nullptr);
  EXPECT_EQ(std::getenv("RADIO_TURN_SERVER"), nullptr);
  EXPECT_STREQ(std::getenv("SOMEBODY_ELSES"), "sesame");
}

TEST(Config, AnAcestepServerMayHaveItsKeyInItsAddress) {
  const char* url = "http://s3same@gpu:8001,https://b";
  EXPECT_EQ(std::get<Config>(configured({{"ACESTEP_API_URL", url}})).acestep.url, url);
  for (const char* wrong : {"http://@gpu", "http://a:s3same@gpu", "http://s3same@", "s3same@gpu",
                            "http://gpu/?x@y", "http://s3same@x@gpu"}) {
    const auto say = std::get<Say>(configured({{"ACESTEP_API_URL", wrong}}));
    EXPECT_EQ(say.code, 2) << wrong;
    EXPECT_EQ(say.text.find("s3same"), say.text.npos) << say.text;
  }
  EXPECT_EQ(std::get<Say>(configured({{"OLLAMA_URL", "http://s3same@gpu"}})).code, 2);
  EXPECT_TRUE(std::get<Config>(configured({{"ACESTEP_CLEAN", "on"}})).acestep.clean);
  EXPECT_EQ(std::get<Say>(configured({{"ACESTEP_CLEAN", "maybe"}})).code, 2);
}

}  // namespace
}  // namespace infinara::config
