// SPDX-License-Identifier: Apache-2.0
#include "station/output_loudness.hpp"

#include <ebur128.h>

#include <algorithm>
#include <mutex>
#include <string_view>

#include "gstpp/ref.hpp"

namespace infinara::station {
namespace {

constexpr double kLeastLufs = -100;  // LUFS: silence is minus infinity
constexpr unsigned kChannels = 2;
constexpr unsigned kRate = 48000;

}  // namespace

struct OutputLoudness::Meter {
  // With a histogram it takes the same memory however long it measures.
  Meter()
      : state(ebur128_init(kChannels, kRate,
                           EBUR128_MODE_S | EBUR128_MODE_I | EBUR128_MODE_HISTOGRAM)) {}
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  ~Meter() {
    if (state != nullptr) ebur128_destroy(&state);
  }

  void take(GstPad* pad, GstBuffer* buffer) {
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    if (state == nullptr || !caps) return;
    const GstStructure* form = gst_caps_get_structure(caps.get(), 0);
    const char* format = gst_structure_get_string(form, "format");
    int rate = 0, channels = 0;
    gst_structure_get_int(form, "rate", &rate);
    gst_structure_get_int(form, "channels", &channels);
    if (format == nullptr || rate != int{kRate} || channels != int{kChannels}) return;
    const gstpp::Map map(buffer, GST_MAP_READ);
    const std::lock_guard lock(mutex);
    if (format == std::string_view("S16LE")) {
      const auto samples = map.as<const short>();
      ebur128_add_frames_short(state, samples.data(), samples.size() / kChannels);
    } else if (format == std::string_view("F32LE")) {
      const auto samples = map.as<const float>();
      ebur128_add_frames_float(state, samples.data(), samples.size() / kChannels);
    }
  }

  mutable std::mutex mutex;  // guards what state points to
  ebur128_state* state;      // null if there is no memory for it
};

OutputLoudness::OutputLoudness() : meter_(std::make_shared<Meter>()) {}

void OutputLoudness::hear(GstElement* element) {
  const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(element, "src"));
  if (!pad) return;
  gst_pad_add_probe(
      pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad* own, GstPadProbeInfo* info, gpointer meter) {
        (*static_cast<std::shared_ptr<Meter>*>(meter))->take(own, GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
      },
      new std::shared_ptr<Meter>(meter_),
      [](gpointer meter) { delete static_cast<std::shared_ptr<Meter>*>(meter); });
}

OutputLoudness::Values OutputLoudness::now() const {
  Values values;
  if (meter_->state == nullptr) return values;
  const std::lock_guard lock(meter_->mutex);
  const auto read = [&](int (*ask)(ebur128_state*, double*), double& value) {
    double lufs = kLeastLufs;
    if (ask(meter_->state, &lufs) == EBUR128_SUCCESS) value = std::max(kLeastLufs, lufs);
  };
  read(ebur128_loudness_momentary, values.momentary);
  read(ebur128_loudness_shortterm, values.short_term);
  read(ebur128_loudness_global, values.integrated);
  return values;
}

}  // namespace infinara::station
