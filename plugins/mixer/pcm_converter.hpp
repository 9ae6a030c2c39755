// SPDX-License-Identifier: Apache-2.0
// Raw audio of any format, rate and channels becomes the one format of sound/frame.hpp.
#pragma once

#include <gst/audio/audio.h>
#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gstpp/ref.hpp"

namespace infinara {

/// GStreamer's own converter (that of audioconvert and audioresample), without dither: the same
/// samples in give the same samples out. One thread at a time.
class PcmConverter {
 public:
  /// The format of what comes from now on, of which nothing has come. False if that is no raw audio
  /// or cannot be converted; nothing can be read then.
  bool set_caps(const GstCaps* caps);
  /// Whether set_caps() has succeeded.
  bool has_caps() const { return GST_AUDIO_INFO_IS_VALID(&info_) != FALSE; }

  /// Samples a second, and bytes of one sample in all channels, of what comes in.
  int rate() const { return GST_AUDIO_INFO_RATE(&info_); }
  int bytes_a_frame() const { return GST_AUDIO_INFO_BPF(&info_); }

  /// Samples that come in the one format already are handed through as they are.
  bool is_needed() const { return converter_ != nullptr; }
  /// The samples that `buffer` gives, interleaved stereo at 48 kHz; valid until the next call. Of
  /// resampled audio the last few milliseconds stay inside until drain().
  std::span<const std::int16_t> convert(GstBuffer* buffer);
  /// What is inside: all in all, as many samples have come out as fit the time of those that came
  /// in, rounded up.
  std::span<const std::int16_t> drain();
  /// Forgets what is inside.
  void flush();

 private:
  std::span<const std::int16_t> take(gpointer* planes, std::size_t frames, std::int64_t most);

  using Converter = std::unique_ptr<GstAudioConverter, gstpp::FreeWith<gst_audio_converter_free>>;
  GstAudioInfo info_{};
  Converter converter_;
  std::int64_t frames_in_ = 0;
  std::int64_t frames_out_ = 0;
  std::vector<std::int16_t> samples_;
};

}  // namespace infinara
