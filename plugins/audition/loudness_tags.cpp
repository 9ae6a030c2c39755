// SPDX-License-Identifier: Apache-2.0
#include "loudness_tags.hpp"

#include <algorithm>
#include <cmath>

#include "sound/loudness.hpp"

namespace infinara {
namespace {

constexpr double kReplayGainLufs = -18;  // what its 89 dB are in ReplayGain 2
constexpr double kReplayGainDb = 89;
constexpr double kLongestFade = 2;  // seconds; the rest of a fade is the mixer's
constexpr double kMostGain = 30;    // dB, whatever a tag says

}  // namespace

void register_loudness_tags() {
  const auto add = [](const char* name, const char* nick, const char* blurb) {
    if (gst_tag_exists(name) == FALSE)
      gst_tag_register(name, GST_TAG_FLAG_DECODED, G_TYPE_DOUBLE, nick, blurb,
                       gst_tag_merge_use_first);
  };
  add(kTagStationGain, "station gain", "gain to the station's loudness, in dB");
  add(kTagPlayFrom, "play from", "where the music begins, in seconds");
  add(kTagPlayUntil, "play until", "where the music ends, in seconds");
  add(kTagFadeIn, "fade in", "how long the track is to be faded in, in seconds");
  add(kTagFadeOut, "fade out", "how long the track is to be faded out, in seconds");
}

void add_loudness(GstTagList* tags, const AuditionReport& report) {
  gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_TRACK_GAIN,
                   kReplayGainLufs - report.loudness_lufs, GST_TAG_TRACK_PEAK,
                   std::pow(10, report.true_peak_dbtp / 20), GST_TAG_REFERENCE_LEVEL, kReplayGainDb,
                   kTagStationGain, report.gain_db, kTagPlayFrom,
                   report.head_silence + report.head_fade, kTagPlayUntil,
                   report.duration - report.tail_silence - report.tail_fade, nullptr);
  const auto add_fade = [&](const char* tag, double left_out) {
    if (left_out > 0)
      gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, tag, std::min(left_out, kLongestFade), nullptr);
  };
  add_fade(kTagFadeIn, report.head_fade);
  add_fade(kTagFadeOut, report.tail_fade);
}

sound::Presentation presentation_of(const GstTagList* tags) {
  sound::Presentation how;
  if (tags == nullptr) return how;
  gdouble value = 0;
  if (gst_tag_list_get_double(tags, kTagStationGain, &value) != FALSE) {
    how.gain_db = value;
  } else if (gst_tag_list_get_double(tags, GST_TAG_TRACK_GAIN, &value) != FALSE) {
    gdouble reference = kReplayGainDb;
    gst_tag_list_get_double(tags, GST_TAG_REFERENCE_LEVEL, &reference);
    how.gain_db = value + (kReplayGainDb - reference) + (sound::kTargetLufs - kReplayGainLufs);
  }
  how.gain_db = std::isfinite(how.gain_db) ? std::clamp(how.gain_db, -kMostGain, kMostGain) : 0;
  if (gst_tag_list_get_double(tags, kTagPlayFrom, &value) != FALSE && value > 0) how.from = value;
  if (gst_tag_list_get_double(tags, kTagPlayUntil, &value) != FALSE && value > 0) how.until = value;
  if (gst_tag_list_get_double(tags, kTagFadeIn, &value) != FALSE)
    how.fade_in = std::clamp(value, 0.0, kLongestFade);
  if (gst_tag_list_get_double(tags, kTagFadeOut, &value) != FALSE)
    how.fade_out = std::clamp(value, 0.0, kLongestFade);
  return how;
}

}  // namespace infinara
