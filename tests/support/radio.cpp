// SPDX-License-Identifier: Apache-2.0
#include "support/radio.hpp"

#include <algorithm>
#include <cstdlib>

namespace infinara {

Radio::Radio(const std::string& properties) {
  testtrack::register_all();
  gstpp::Error error;
  pipeline_ = gstpp::Ref<GstElement>::sink(gst_parse_launch(
      ("mooddj name=dj " + properties + " ! fakesink name=sink sync=false").c_str(), error.out()));
  EXPECT_FALSE(error) << error.message();
  dj = gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "dj"));
  bus_ = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline_));
  // Messages are read where they are posted, so that a day of them does not pile up on the bus.
  gst_bus_set_sync_handler(
      bus_,
      [](GstBus*, GstMessage* message, gpointer self) {
        return static_cast<Radio*>(self)->hear(message);
      },
      this, nullptr);
  const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(dj, "src"));
  gst_pad_add_probe(
      pad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      [](GstPad*, GstPadProbeInfo* info, gpointer self) {
        static_cast<Radio*>(self)->listen(info);
        return GST_PAD_PROBE_OK;
      },
      this, nullptr);
}

Radio::~Radio() {
  gst_element_set_state(pipeline_, GST_STATE_NULL);
  gst_bus_set_sync_handler(bus_, nullptr, nullptr, nullptr);
}

bool Radio::play(double seconds) {
  const auto sink =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "sink"));
  g_object_set(sink, "num-buffers", static_cast<gint>(seconds * 50), nullptr);
  gst_element_set_state(pipeline_, GST_STATE_PLAYING);  // a failure is an error on the bus
  return await() == GST_MESSAGE_EOS;
}

GstMessageType Radio::await(GstClockTime patience) {
  const auto message = gstpp::Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
      bus_, patience, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  if (!message) {
    ADD_FAILURE() << "neither EOS nor an error";
    return GST_MESSAGE_UNKNOWN;
  }
  if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) error = gstpp::describe_error(message);
  return GST_MESSAGE_TYPE(message.get());
}

void Radio::set_state(GstState state) {
  ASSERT_NE(gst_element_set_state(pipeline_, state), GST_STATE_CHANGE_FAILURE);
}

bool Radio::choose(const char* genre, music::When when) {
  gboolean done = FALSE;
  g_signal_emit_by_name(dj, "change-genre", genre, static_cast<gint>(when), &done);
  return done != FALSE;
}

std::string Radio::text(const char* property) {
  const gstpp::String value(get<gchar*>(property));
  return value ? value.get() : "";
}

GstBusSyncReply Radio::hear(GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS ||
      GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    return GST_BUS_PASS;
  if (const auto said = onair::read(message); said && keeps) {
    const std::lock_guard lock(mutex_);
    messages.push_back(*said);
  } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
    warnings.push_back(gstpp::describe_error(message));
  } else if (!said && GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) {
    faults.push_back(std::string("stray message ") +
                     gst_structure_get_name(gst_message_get_structure(message)));
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

void Radio::listen(GstPadProbeInfo* info) {
  if ((info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) != 0) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_TAG || !keeps) return;
    GstTagList* tags = nullptr;
    gst_event_parse_tag(event, &tags);
    gchar* title = nullptr;
    if (gst_tag_list_get_string(tags, GST_TAG_TITLE, &title) == FALSE) return;
    titles.emplace_back(buffers * sound::kFrameNs, gstpp::String(title).get());
    gchar* artist = nullptr;
    gst_tag_list_get_string(tags, GST_TAG_ARTIST, &artist);
    artists.emplace_back(artist != nullptr ? gstpp::String(artist).get() : "");
    return;
  }
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  if (GST_BUFFER_PTS(buffer) != buffers * sound::kFrameNs && faults.size() < 10)
    faults.push_back("buffer " + std::to_string(buffers) + " has PTS " +
                     std::to_string(GST_BUFFER_PTS(buffer)));
  ++buffers;
  const gstpp::Map map(buffer, GST_MAP_READ);
  const auto samples = map.as<const std::int16_t>();
  if (records) pcm.insert(pcm.end(), samples.begin(), samples.end());
  if (samples.size() != sound::kFrameValues && faults.size() < 10)
    faults.push_back("a buffer of " + std::to_string(samples.size()) + " values");
  if (std::ranges::any_of(samples, [](std::int16_t x) { return x != 0; })) {
    silence_ = 0;
    sounded_ = true;
  } else if (sounded_) {
    longest_silence = std::max(longest_silence, ++silence_);
  }
  if (hashes) {
    for (const auto word : map.as<const std::uint64_t>()) hash = (hash ^ word) * 1099511628211U;
    for (std::size_t i = 0; i < samples.size(); i += 2) {
      largest_step = std::max(largest_step, std::abs(samples[i] - last_));
      last_ = samples[i];
    }
  }
  const double now = static_cast<double>(buffers) / 50;
  while (!script.empty() && script.begin()->first <= now) {
    const auto act = script.begin()->second;
    script.erase(script.begin());
    act();
  }
}

}  // namespace infinara
