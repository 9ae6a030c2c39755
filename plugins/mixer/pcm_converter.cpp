// SPDX-License-Identifier: Apache-2.0
#include "pcm_converter.hpp"

#include <algorithm>

#include "sound/frame.hpp"

namespace infinara {
namespace {

GstAudioInfo ours() {
  GstAudioInfo info;
  gst_audio_info_set_format(&info, GST_AUDIO_FORMAT_S16LE, sound::kRate, sound::kChannels, nullptr);
  return info;
}

bool is_ours(const GstAudioInfo& info) {
  return GST_AUDIO_INFO_FORMAT(&info) == GST_AUDIO_FORMAT_S16LE &&
         GST_AUDIO_INFO_RATE(&info) == sound::kRate &&
         GST_AUDIO_INFO_CHANNELS(&info) == sound::kChannels &&
         GST_AUDIO_INFO_LAYOUT(&info) == GST_AUDIO_LAYOUT_INTERLEAVED;
}

/// As audioresample converts unless it is told otherwise.
GstStructure* options(int from) {
  GstStructure* options = gst_structure_new_empty("options");
  gst_audio_resampler_options_set_quality(GST_AUDIO_RESAMPLER_METHOD_KAISER,
                                          GST_AUDIO_RESAMPLER_QUALITY_DEFAULT, from, sound::kRate,
                                          options);
  gst_structure_set(options, GST_AUDIO_CONVERTER_OPT_RESAMPLER_METHOD,
                    GST_TYPE_AUDIO_RESAMPLER_METHOD, GST_AUDIO_RESAMPLER_METHOD_KAISER, nullptr);
  return options;
}

}  // namespace

bool PcmConverter::set_caps(const GstCaps* caps) {
  converter_.reset();
  frames_in_ = frames_out_ = 0;
  info_ = {};
  GstAudioInfo from;
  if (gst_audio_info_from_caps(&from, caps) == FALSE ||
      GST_AUDIO_INFO_FORMAT(&from) == GST_AUDIO_FORMAT_ENCODED || GST_AUDIO_INFO_RATE(&from) <= 0)
    return false;
  if (!is_ours(from)) {
    GstAudioInfo to = ours();
    converter_.reset(gst_audio_converter_new(GST_AUDIO_CONVERTER_FLAG_NONE, &from, &to,
                                             options(GST_AUDIO_INFO_RATE(&from))));
    if (!converter_) return false;
  }
  info_ = from;
  return true;
}

std::span<const std::int16_t> PcmConverter::convert(GstBuffer* buffer) {
  GstAudioBuffer mapped;
  if (gst_audio_buffer_map(&mapped, &info_, buffer, GST_MAP_READ) == FALSE) return {};
  const auto frames = static_cast<std::size_t>(GST_AUDIO_BUFFER_N_SAMPLES(&mapped));
  frames_in_ += static_cast<std::int64_t>(frames);
  const auto out = take(mapped.planes, frames, G_MAXINT64);
  gst_audio_buffer_unmap(&mapped);
  return out;
}

std::span<const std::int16_t> PcmConverter::drain() {
  if (!converter_) return {};
  const auto wanted = static_cast<std::int64_t>(
      gst_util_uint64_scale_ceil(static_cast<guint64>(frames_in_), sound::kRate,
                                 static_cast<guint64>(GST_AUDIO_INFO_RATE(&info_))));
  // A millisecond more than is inside, since it rounds down.
  const auto enough = gst_audio_converter_get_max_latency(converter_.get()) +
                      static_cast<std::size_t>(GST_AUDIO_INFO_RATE(&info_)) / 1000 + 1;
  const auto out = take(nullptr, enough, wanted - frames_out_);
  flush();
  return out;
}

void PcmConverter::flush() {
  if (converter_) gst_audio_converter_reset(converter_.get());
  frames_in_ = frames_out_ = 0;
}

/// `planes` null: silence. Returns at most `most` samples a channel.
std::span<const std::int16_t> PcmConverter::take(gpointer* planes, std::size_t frames,
                                                 std::int64_t most) {
  const std::size_t made = gst_audio_converter_get_out_frames(converter_.get(), frames);
  samples_.resize(made * sound::kChannels);
  gpointer out[] = {samples_.data()};
  if (made == 0 && frames == 0) return {};
  if (gst_audio_converter_samples(converter_.get(), GST_AUDIO_CONVERTER_FLAG_NONE, planes, frames,
                                  out, made) == FALSE)
    return {};
  const auto given = std::clamp<std::int64_t>(most, 0, static_cast<std::int64_t>(made));
  frames_out_ += given;
  return std::span(samples_).first(static_cast<std::size_t>(given) * sound::kChannels);
}

}  // namespace infinara
