// SPDX-License-Identifier: Apache-2.0
#include "support/audio_maker.hpp"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

namespace support {
namespace {

/// A decaying or steady partial, by one complex turn a sample.
class Partial {
 public:
  Partial(double frequency, double rate, double level, double decay_seconds) : real_(level) {
    const double turn = 2 * std::numbers::pi * frequency / rate;
    const double keep = decay_seconds > 0 ? std::exp(-1 / (decay_seconds * rate)) : 1.0;
    cos_ = keep * std::cos(turn);
    sin_ = keep * std::sin(turn);
  }
  float next() {
    const double real = real_ * cos_ - imag_ * sin_;
    imag_ = real_ * sin_ + imag_ * cos_;
    real_ = real;
    return static_cast<float>(imag_);
  }

 private:
  double real_;
  double imag_ = 0;
  double cos_;
  double sin_;
};

double hertz(int midi) {
  return 440 * std::exp2((midi - 69) / 12.0);
}

int tonic_of(const std::string& key) {
  constexpr std::array kNames = {9, 11, 0, 2, 4, 5, 7};  // A B C D E F G
  if (key.empty() || key[0] < 'A' || key[0] > 'G') return 9;
  int tone = kNames[static_cast<std::size_t>(key[0] - 'A')];
  if (key.size() > 1 && key[1] == '#') ++tone;
  if (key.size() > 1 && key[1] == 'b') --tone;
  return (tone + 12) % 12;
}

void add(Pcm& pcm, std::size_t from, double seconds, Partial left, Partial right) {
  const std::size_t to =
      std::min(pcm.frames(), from + static_cast<std::size_t>(seconds * pcm.rate));
  const double ramp = 0.005 * pcm.rate;
  for (std::size_t i = from; i < to; ++i) {
    const auto edge = static_cast<float>(
        std::min(1.0, std::min(static_cast<double>(i - from), static_cast<double>(to - i)) / ramp));
    pcm.samples[2 * i] += edge * left.next();
    pcm.samples[2 * i + 1] += edge * right.next();
  }
}

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);  // little-endian machines only
}

std::string wav_of(const Pcm& pcm, bool floats) {
  const std::uint16_t width = floats ? 4 : 2;
  const auto bytes = static_cast<std::uint32_t>(pcm.samples.size() * width);
  const auto block = static_cast<std::uint16_t>(width * pcm.channels);
  std::string out = "RIFF";
  put(out, static_cast<std::uint32_t>(36 + bytes));
  out += "WAVEfmt ";
  put<std::uint32_t>(out, 16);
  put<std::uint16_t>(out, floats ? 3 : 1);
  put(out, static_cast<std::uint16_t>(pcm.channels));
  put(out, static_cast<std::uint32_t>(pcm.rate));
  put(out, static_cast<std::uint32_t>(pcm.rate * block));
  put(out, block);
  put(out, static_cast<std::uint16_t>(width * 8));
  out += "data";
  put(out, bytes);
  out.reserve(out.size() + bytes);
  for (const float sample : pcm.samples) {
    if (floats)
      put(out, sample);
    else
      put(out, static_cast<std::int16_t>(std::lrint(std::clamp(sample, -1.0F, 1.0F) * 32767)));
  }
  return out;
}

std::string through(const Pcm& pcm, const char* encoder) {
  gst_init(nullptr, nullptr);
  const std::string line =
      std::string("appsrc name=in format=time ! audioconvert ! audioresample ! ") + encoder +
      " ! appsink name=out sync=false";
  GstElement* pipeline = gst_parse_launch(line.c_str(), nullptr);
  if (pipeline == nullptr) throw std::runtime_error("cannot make " + line);
  GstElement* in = gst_bin_get_by_name(GST_BIN(pipeline), "in");
  GstElement* out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
  GstCaps* caps = gst_caps_new_simple("audio/x-raw", "format", G_TYPE_STRING, "F32LE", "layout",
                                      G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, pcm.rate,
                                      "channels", G_TYPE_INT, pcm.channels, nullptr);
  gst_app_src_set_caps(GST_APP_SRC(in), caps);
  gst_caps_unref(caps);
  g_object_set(in, "max-bytes", guint64{0}, nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const std::size_t bytes = pcm.samples.size() * sizeof(float);
  GstBuffer* buffer = gst_buffer_new_memdup(pcm.samples.data(), bytes);
  GST_BUFFER_PTS(buffer) = 0;
  GST_BUFFER_DURATION(buffer) = static_cast<GstClockTime>(pcm.seconds() * GST_SECOND);
  gst_app_src_push_buffer(GST_APP_SRC(in), buffer);
  gst_app_src_end_of_stream(GST_APP_SRC(in));
  std::string file;
  while (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(out), 60 * GST_SECOND)) {
    GstMapInfo map;
    gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ);
    file.append(reinterpret_cast<const char*>(map.data), map.size);
    gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(in);
  gst_object_unref(out);
  gst_object_unref(pipeline);
  return file;
}

}  // namespace

Pcm make_music(const Tune& tune) {
  Pcm pcm;
  pcm.samples.resize(2 * static_cast<std::size_t>(tune.seconds * pcm.rate));
  std::mt19937_64 rng(tune.seed);
  const bool is_minor = tune.key.find("minor") != std::string::npos;
  constexpr std::array kMajor = {0, 2, 4, 5, 7, 9, 11};
  constexpr std::array kMinor = {0, 2, 3, 5, 7, 8, 10};
  const auto& scale = is_minor ? kMinor : kMajor;
  const int tonic = tonic_of(tune.key);
  const auto tone = [&](int degree) {
    return tonic + 12 * (degree / 7) + scale[static_cast<std::size_t>(degree % 7)];
  };
  constexpr std::array<std::array<int, 4>, 3> kTurns = {{{0, 5, 3, 4}, {0, 3, 4, 4}, {0, 4, 5, 3}}};
  const auto& turn = kTurns[rng() % 3];
  const double beat = 60.0 / std::clamp(tune.bpm, 30, 300);
  const double rate = pcm.rate;
  const double unit = tune.level / 1.6;
  for (int n = 0; n * beat < tune.seconds; ++n) {
    const auto from = static_cast<std::size_t>(n * beat * rate);
    const int root = turn[static_cast<std::size_t>(n / 4) % 4];
    if (n % 4 == 0) {
      for (const int degree : {root, root + 2, root + 4}) {
        const double pitch = hertz(48 + tone(degree));
        add(pcm, from, 4 * beat, Partial(pitch, rate, unit * 0.2, 0),
            Partial(pitch * 1.003, rate, unit * 0.2, 0));
      }
    }
    const double bass = hertz(36 + tone(root));
    add(pcm, from, beat, Partial(bass, rate, unit * 0.6, 0.6),
        Partial(bass, rate, unit * 0.6, 0.6));
    const double lead = hertz(60 + tone(root + 2 * static_cast<int>(rng() % 5)));
    const double pan = static_cast<double>(rng() % 100) / 100;
    add(pcm, from, beat, Partial(lead, rate, unit * 0.4 * pan, 0.4),
        Partial(lead, rate, unit * 0.4 * (1 - pan), 0.4));
  }
  return pcm;
}

Pcm make_noise(double seconds, double rms, std::uint64_t seed) {
  Pcm pcm;
  pcm.samples.resize(2 * static_cast<std::size_t>(seconds * pcm.rate));
  std::mt19937_64 rng(seed);
  const double reach = rms * std::sqrt(3.0);
  for (float& sample : pcm.samples)
    sample = static_cast<float>(reach * (static_cast<double>(rng() >> 11) / (1ULL << 52) - 1));
  return pcm;
}

Pcm make_silence(double seconds) {
  Pcm pcm;
  pcm.samples.resize(2 * static_cast<std::size_t>(seconds * pcm.rate));
  return pcm;
}

Pcm converted(const Pcm& pcm, int rate, int channels) {
  Pcm out;
  out.rate = rate;
  out.channels = channels;
  const auto frames = static_cast<std::size_t>(pcm.seconds() * rate);
  out.samples.reserve(frames * static_cast<std::size_t>(channels));
  const auto at = [&](std::size_t frame, int channel) {
    frame = std::min(frame, pcm.frames() - 1);
    const auto width = static_cast<std::size_t>(pcm.channels);
    if (channels == pcm.channels)
      return pcm.samples[frame * width + static_cast<std::size_t>(channel)];
    float sum = 0;
    for (std::size_t c = 0; c < width; ++c) sum += pcm.samples[frame * width + c];
    return sum / static_cast<float>(width);
  };
  for (std::size_t i = 0; i < frames; ++i) {
    const double position = static_cast<double>(i) * pcm.rate / rate;
    const auto before = static_cast<std::size_t>(position);
    const auto part = static_cast<float>(position - static_cast<double>(before));
    for (int c = 0; c < channels; ++c)
      out.samples.push_back((1 - part) * at(before, c) + part * at(before + 1, c));
  }
  return out;
}

std::string encoded(const Pcm& pcm, std::string_view format) {
  if (format == "wav") return wav_of(pcm, false);
  if (format == "wav32") return wav_of(pcm, true);
  if (format == "mp3") return through(pcm, "lamemp3enc target=bitrate bitrate=128 cbr=true");
  if (format == "mp3-vbr") return through(pcm, "lamemp3enc target=quality quality=5 cbr=false");
  if (format == "flac24") return through(pcm, "audio/x-raw,format=S24LE ! flacenc");
  if (format == "flac") return through(pcm, "audio/x-raw,format=S16LE ! flacenc");
  if (format == "ogg") return through(pcm, "vorbisenc ! oggmux");
  if (format == "opus") return through(pcm, "opusenc ! oggmux");
  throw std::invalid_argument("no such format: " + std::string(format));
}

}  // namespace support
