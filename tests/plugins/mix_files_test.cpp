// SPDX-License-Identifier: Apache-2.0
// smoothstepmix with real files and decoders: the launch line, the files that are not what they
// say, a programme that is made faster than it is heard.
#include <gst/audio/audio.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "mixing.hpp"
#include "sound/frame.hpp"

namespace {

using namespace infinara;
using gstpp::Ref;
using sound::kFrameNs;
using sound::kRate;

/// A folder that is gone at the end.
class Files : public testing::Test {
 protected:
  Files() {
    auto pattern = (std::filesystem::temp_directory_path() / "infinara-mix-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
  }

  /// Seconds of a note, encoded as `encoder` says.
  void make(const std::string& name, double seconds, const std::string& encoder,
            int frequency = 440) const {
    const auto buffers = std::to_string(std::lround(seconds * 100));
    const auto line = "audiotestsrc samplesperbuffer=480 num-buffers=" + buffers +
                      " freq=" + std::to_string(frequency) + " volume=0.3 ! " + kCaps + " ! " +
                      encoder + " ! filesink location=" + path(name);
    run(line);
  }

  struct Result {
    bool ended = false;  // by EOS, else by an error
    std::string error;
    std::vector<std::string> lines;
    std::vector<std::int16_t> sound;
    bool contiguous = true;  // and 960 samples each
    std::int64_t frames = 0;
  };

  /// Runs a pipeline, and watches the element called mix, until EOS or an error.
  static Result run(const std::string& line, bool keep_sound = true) {
    Result result;
    gstpp::Error error;
    const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), error.out()));
    EXPECT_FALSE(error) << error.message();
    if (!pipeline) return result;
    Watch watch{result, keep_sound};
    if (const auto mix =
            Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mix"))) {
      const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(mix, "src"));
      gst_pad_add_probe(src, GST_PAD_PROBE_TYPE_BUFFER, see, &watch, nullptr);
    }
    const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    for (bool over = false; !over;) {
      const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
          bus, 60 * GST_SECOND,
          static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT)));
      if (!message) {
        ADD_FAILURE() << "hangs: " << line;
        break;
      }
      over = GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ELEMENT;
      result.ended = GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
      if (over && !result.ended) result.error = gstpp::describe_error(message);
      if (auto text = line_of(message); !text.empty()) result.lines.push_back(std::move(text));
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    return result;
  }

  /// A chain as the launch lines have it.
  std::string track(const std::string& name, const std::string& pad = "mix.") const {
    return "  filesrc location=" + path(name) + " ! decodebin ! audioconvert ! audioresample ! " +
           pad;
  }

  static std::vector<std::string> only(const std::string& what, const Result& result) {
    std::vector<std::string> lines;
    for (const auto& line : result.lines)
      if (line.starts_with(what)) lines.push_back(line);
    return lines;
  }

 private:
  struct Watch {
    Result& result;
    bool keep_sound;
  };
  static GstPadProbeReturn see(GstPad*, GstPadProbeInfo* info, gpointer data) {
    auto& [result, keep_sound] = *static_cast<Watch*>(data);
    GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    result.contiguous = result.contiguous &&
                        GST_BUFFER_PTS(buffer) == static_cast<guint64>(result.frames * kFrameNs) &&
                        gst_buffer_get_size(buffer) == sound::kFrameBytes;
    ++result.frames;
    if (keep_sound) {
      const gstpp::Map map(buffer, GST_MAP_READ);
      const auto samples = map.as<const std::int16_t>();
      result.sound.insert(result.sound.end(), samples.begin(), samples.end());
    }
    return GST_PAD_PROBE_OK;
  }

  std::filesystem::path folder_;
};

constexpr const char* kMp3 = "lamemp3enc target=bitrate bitrate=192 cbr=true";
constexpr const char* kVbrWithoutXing = "lamemp3enc target=quality quality=5";
const std::string kOffline = "smoothstepmix name=mix crossfade=1 is-live=false ! ";

TEST_F(Files, TheLaunchLineOfTheReadmeWritesAWavFile) {
  make("a.mp3", 4, kMp3);
  make("b.flac", 3, "flacenc", 660);
  const auto result = run(kOffline + "wavenc ! filesink location=" + path("mix.wav") +
                          track("a.mp3") + track("b.flac"));
  ASSERT_TRUE(result.ended) << result.error;
  EXPECT_TRUE(result.contiguous);
  // The order of the text, however the decoders race; MP3 comes 1105 samples or more longer.
  ASSERT_EQ(only("started", result).size(), 2U);
  EXPECT_EQ(only("started", result)[0], "started sink_0 0");
  ASSERT_EQ(only("ended", result).size(), 2U);
  EXPECT_TRUE(only("ended", result)[0].ends_with("complete"));
  EXPECT_TRUE(only("ended", result)[1].ends_with("played 3000 complete"));
  EXPECT_NEAR(static_cast<double>(result.frames), 50 * 6, 5);
  EXPECT_GE(std::filesystem::file_size(path("mix.wav")),
            static_cast<std::uintmax_t>(result.frames * sound::kFrameBytes) + 44);
}

TEST_F(Files, DecodedFilesFadeWithinOneBitAtEverySample) {
  make("a.wav", 3, "wavenc");
  make("b.flac", 2.5, "flacenc", 660);
  const auto a = run("smoothstepmix name=mix is-live=false ! fakesink" + track("a.wav")).sound;
  const auto b = run("smoothstepmix name=mix is-live=false ! fakesink" + track("b.flac")).sound;
  const auto mixed = run(kOffline + "fakesink" + track("a.wav") + track("b.flac"));
  ASSERT_TRUE(mixed.ended) << mixed.error;
  ASSERT_EQ(mixed.sound.size(), 2U * kRate * 9 / 2 + sound::kFrameValues * 0U);
  double worst = 0;
  for (std::size_t k = 0; k < 2 * 4 * kRate; ++k) {
    const auto i = static_cast<std::int64_t>(k / 2);
    double exact = 0;
    if (i < 2 * kRate) {
      exact = a[k];
    } else if (i < 3 * kRate) {
      const double t = (static_cast<double>(i - 2 * kRate) + 0.5) / kRate;
      const double gain = 3 * t * t - 2 * t * t * t;
      exact = a[k] * (1 - gain) + b[k - 4 * kRate] * gain;
    } else {
      exact = b[k - 4 * kRate];
    }
    worst = std::max(worst, std::abs(exact - mixed.sound[k]));
  }
  EXPECT_LE(worst, 0.52);
}

TEST_F(Files, TheSameFilesGiveTheSameProgramme) {
  make("a.mp3", 2, kMp3);
  make("b.mp3", 0.5, kVbrWithoutXing, 550);
  make("c.flac", 2, "flacenc", 660);
  const auto line = kOffline + "fakesink" + track("a.mp3") + track("b.mp3") + track("c.flac");
  const auto first = run(line);
  ASSERT_TRUE(first.ended) << first.error;
  for (int i = 0; i < 5; ++i) {
    const auto again = run(line);
    EXPECT_EQ(again.sound, first.sound);
    for (const char* what : {"fade", "started", "on-air", "ended"})
      EXPECT_EQ(only(what, again), only(what, first));
  }
}

TEST_F(Files, PadsAskedForByNameArePlayedByNumber) {
  make("a.wav", 1, "wavenc");
  make("b.wav", 2, "wavenc");
  make("c.wav", 3, "wavenc");
  const auto result = run(kOffline + "fakesink" + track("c.wav", "mix.sink_2") +
                          track("a.wav", "mix.sink_0") + track("b.wav", "mix.sink_1"));
  ASSERT_TRUE(result.ended) << result.error;
  const auto ended = only("ended", result);
  ASSERT_EQ(ended.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(ended[i].starts_with("ended sink_" + std::to_string(i))) << ended[i];
  EXPECT_TRUE(ended[2].ends_with("played 3000 complete"));
}

TEST_F(Files, ThePadsThatADecoderLinksLateAreWaitedFor) {
  // decodebin has no pad before it has read, so these sink pads are asked for while it runs.
  make("a.wav", 1, "wavenc");
  make("b.wav", 1, "wavenc");
  const auto chain = [this](const char* name, const char* pad) {
    return "  filesrc location=" + path(name) + " ! decodebin ! " + pad;
  };
  const auto result = run(kOffline + "wavenc ! filesink location=" + path("mix.wav") +
                          chain("a.wav", "mix.sink_0") + chain("b.wav", "mix.sink_1"));
  ASSERT_TRUE(result.ended) << result.error;
  EXPECT_EQ(only("ended", result).size(), 2U);
}

TEST_F(Files, AVbrMp3WithoutAHeaderOfItsLengthFadesAtItsTrueEnd) {
  make("a.mp3", 5, kVbrWithoutXing);
  make("b.wav", 3, "wavenc", 660);
  const auto result = run(kOffline + "fakesink" + track("a.mp3") + track("b.wav"));
  ASSERT_TRUE(result.ended) << result.error;
  guint64 played = 0;
  guint64 begin = 0;
  guint64 end = 0;
  ASSERT_EQ(
      sscanf(only("ended sink_0", result).at(0).c_str(), "ended sink_0 %*u played %lu", &played),
      1);
  ASSERT_EQ(sscanf(only("fade", result).at(0).c_str(), "fade sink_0-sink_1 %lu %lu", &begin, &end),
            2);
  EXPECT_NEAR(static_cast<double>(played), 5000, 60);
  EXPECT_EQ(end, played);
  EXPECT_EQ(begin, played - 1000);
}

TEST_F(Files, AFileThatIsNotThereOrNoMusicEndsTheLaunchLineWithAnError) {
  make("a.wav", 1, "wavenc");
  write("empty.mp3", "");
  write("garbage.mp3", std::string(50'000, 'x') + "no music \x01\x02");
  for (const char* bad : {"missing.mp3", "empty.mp3", "garbage.mp3"}) {
    const auto result = run(kOffline + "fakesink" + track("a.wav") + track(bad));
    EXPECT_FALSE(result.ended) << bad;
    EXPECT_FALSE(result.error.empty()) << bad;
  }
}

/// As a radio does: each track is a bin of its own, and one that fails is taken away.
TEST_F(Files, ARadioPlaysOnWithoutTheFilesThatFail) {
  make("a.mp3", 2, kMp3);
  make("b.wav", 2, "wavenc");
  make("truncated.mp3", 2, kMp3);
  std::filesystem::resize_file(path("truncated.mp3"), 20'000);
  write("empty.mp3", "");
  write("garbage.mp3", std::string(50'000, 'x'));
  const auto pipeline =
      Ref<GstElement>::sink(gst_parse_launch((kOffline + "fakesink async=false").c_str(), nullptr));
  const auto mix = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mix"));
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  struct Chain {
    GstElement* bin;  // owned by the pipeline
    Ref<GstPad> pad;
  };
  std::vector<Chain> chains;
  const auto remove = [&](Chain& chain) {
    gst_element_set_locked_state(chain.bin, TRUE);
    const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(chain.bin, "src"));
    gst_pad_unlink(src, chain.pad);
    gst_element_release_request_pad(mix, chain.pad);
    gst_element_set_state(chain.bin, GST_STATE_NULL);
    gst_bin_remove(GST_BIN(pipeline.get()), std::exchange(chain.bin, nullptr));
  };
  for (const char* name :
       {"garbage.mp3", "a.mp3", "missing.mp3", "empty.mp3", "truncated.mp3", "b.wav"}) {
    const auto text =
        "filesrc location=" + path(name) +
        " ! decodebin ! audioconvert ! audioresample ! capsfilter name=end caps=" + kCaps;
    GstElement* bin = gst_parse_bin_from_description(text.c_str(), FALSE, nullptr);
    const auto end = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(bin), "end"));
    const auto inner = Ref<GstPad>::adopt(gst_element_get_static_pad(end, "src"));
    gst_element_add_pad(bin, gst_ghost_pad_new("src", inner));
    g_object_set(bin, "async-handling", TRUE, nullptr);  // its states are no concern of the others
    gst_bin_add(GST_BIN(pipeline.get()), bin);
    auto pad = Ref<GstPad>::adopt(gst_element_request_pad_simple(mix, "sink_%u"));
    const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(bin, "src"));
    ASSERT_EQ(gst_pad_link(src, pad), GST_PAD_LINK_OK);
    chains.push_back({bin, std::move(pad)});
  }
  for (const auto& chain : chains) gst_element_sync_state_with_parent(chain.bin);
  std::vector<std::string> lines;
  int failed = 0;
  for (bool over = false; !over;) {
    const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop(bus, 30 * GST_SECOND));
    ASSERT_TRUE(message) << "hangs";
    over = GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
    if (auto line = line_of(message); !line.empty()) lines.push_back(line);
    if (GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ERROR) continue;
    for (auto& chain : chains) {
      if (chain.bin == nullptr ||
          !gst_object_has_as_ancestor(GST_MESSAGE_SRC(message.get()), GST_OBJECT(chain.bin)))
        continue;
      ++failed;
      remove(chain);
    }
  }
  EXPECT_EQ(failed, 3);
  std::vector<std::string> ended;
  for (const auto& line : lines)
    if (line.starts_with("ended")) ended.push_back(line.substr(0, 12));
  EXPECT_EQ(ended, (std::vector<std::string>{"ended sink_1", "ended sink_4", "ended sink_5"}));
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

TEST_F(Files, AnHourIsAHundredAndEightyThousandFramesWithContiguousTimestamps) {
  std::string line = "smoothstepmix name=mix crossfade=5 is-live=false ! fakesink";
  for (int i = 0; i < 10; ++i)  // 10 tracks of 364.5 s, 9 fades of 5 s
    line += std::string("  audiotestsrc wave=silence samplesperbuffer=1000 num-buffers=17496 ! ") +
            kCaps + " ! mix.";
  const auto result = run(line, false);
  ASSERT_TRUE(result.ended) << result.error;
  EXPECT_EQ(result.frames, 180'000);
  EXPECT_TRUE(result.contiguous);
  EXPECT_EQ(only("fade", result).size(), 9U);
  EXPECT_EQ(only("ended", result).size(), 10U);
  EXPECT_EQ(only("ended", result).back(), "ended sink_9 3600000 played 364500 complete");
}

TEST_F(Files, ASinkThatHasHadEnoughEndsTheProgramme) {
  const auto result =
      run("smoothstepmix name=mix is-live=false ! fakesink num-buffers=10  audiotestsrc ! " +
          std::string(kCaps) + " ! mix.");
  EXPECT_TRUE(result.ended) << result.error;
}

TEST_F(Files, ASettingOfAPadMayStandInALaunchLine) {
  make("a.wav", 1, "wavenc");
  gstpp::Error error;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(
      ("smoothstepmix name=mix sink_0::parked=true is-live=false ! fakesink" + track("a.wav"))
          .c_str(),
      error.out()));
  ASSERT_FALSE(error) << error.message();
  const auto mix = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mix"));
  gboolean parked = FALSE;
  gst_child_proxy_get(GST_CHILD_PROXY(mix.get()), "sink_0::parked", &parked, nullptr);
  EXPECT_TRUE(parked);
}

}  // namespace
