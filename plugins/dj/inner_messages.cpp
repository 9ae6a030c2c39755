// SPDX-License-Identifier: Apache-2.0
#include "inner_messages.hpp"

#include <optional>
#include <variant>

#include "onair/joins.hpp"
#include "sound/frame.hpp"

GST_DEBUG_CATEGORY_EXTERN(mooddj_debug);
#undef GST_CAT_DEFAULT  // of another file, in a unity build
#define GST_CAT_DEFAULT mooddj_debug

namespace infinara {
namespace {

using onair::Position;

Position position_of(std::int64_t samples) {
  return static_cast<Position>(sound::ns_from_samples(samples));
}

/// How long the track behind the mixer's pad is, if its source knows: a generator rounds to whole
/// bars, or cannot play as long as was wished.
std::optional<music::Sample> length_of(GstElement* mixer, unsigned track) {
  const auto pad =
      gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(mixer, onair::pad_name(track).c_str()));
  gint64 length = 0;
  if (!pad || gst_pad_peer_query_duration(pad, GST_FORMAT_TIME, &length) == FALSE || length <= 0)
    return {};
  return static_cast<music::Sample>(
      gst_util_uint64_scale_round(static_cast<guint64>(length), music::kSampleRate, GST_SECOND));
}

/// The track whose format the mixer has refused, if that is what the error says.
music::TrackId refused_track(GstMessage* message) {
  const GstStructure* details = nullptr;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    gst_message_parse_error_details(message, &details);
  const char* pad = details != nullptr ? gst_structure_get_string(details, "pad") : nullptr;
  return pad != nullptr ? onair::track_of(pad).value_or(0) : 0;
}

}  // namespace

bool InnerMessages::take(GstMessage* message) {
  const auto type = GST_MESSAGE_TYPE(message);
  if (GST_MESSAGE_SRC(message) == GST_OBJECT(mixer_) && type == GST_MESSAGE_ELEMENT) {
    if (const auto edit = onair::edit_of(gst_message_get_structure(message))) hear_mixer(*edit);
    return true;
  }
  if (const auto refused = refused_track(message); refused != 0) {
    gstpp::Error error;
    gst_message_parse_error(message, error.out(), nullptr);
    executor_.happen(music::Failed{refused, error.message()});
    return true;
  }
  // A track's chain comes and goes while the bin around it plays: the application gets none of its
  // states, clocks and errors.
  const auto id = Deck::sender(message, bin_);
  if (id == 0 || type == GST_MESSAGE_NEED_CONTEXT || type == GST_MESSAGE_HAVE_CONTEXT) return false;
  hear_source(id, message);
  return true;
}

std::string InnerMessages::current_genre() const {
  const std::lock_guard lock(mutex_);
  return genre_on_air_;
}

void InnerMessages::clear() {
  const std::lock_guard lock(mutex_);
  genre_on_air_.clear();
  told_servers_.clear();
}

/// On a streaming thread: the mixer's own or a track's.
void InnerMessages::hear_mixer(const onair::Edit& edit) {
  using What = sound::Edit::What;
  const sound::Edit& entry = edit.entry;
  const music::TrackId id = entry.track.value_or(0);
  const Position position = position_of(entry.at);
  switch (entry.what) {
    case What::kReady: {
      const auto length = length_of(mixer_, id);
      decks_.learn(id, edit.tags, length);
      const double seconds = length ? static_cast<double>(*length) / music::kSampleRate : 0;
      return executor_.happen(position, music::Ready{id, seconds});
    }
    case What::kBegins:
      decks_.started(id, entry.cut);
      joins_.begins(entry);
      return executor_.happen(position,
                              music::Started{id, static_cast<double>(entry.cut) / sound::kRate});
    case What::kEnters:
    case What::kRetitled:
      return tell_on_air(edit);
    case What::kLeaves:
      return tell_fade(entry);
    case What::kEnds:
      decks_.ended(id);
      return executor_.happen(position, music::Ended{id});
    case What::kEmpty:
      return executor_.happen(music::Failed{id, "there was nothing in the track"});
    case What::kUnderrun:
      return executor_.happen(position, music::Underrun{id});
  }
}

void InnerMessages::tell_fade(const sound::Edit& entry) {
  const music::TrackId from = entry.track.value_or(0), to = entry.next.value_or(0);
  const auto known = [this](music::TrackId id) {
    return decks_.track(id).value_or(music::Track{});
  };
  if (from != 0 && to != 0 && entry.fit != sound::Fit::kSkip)
    joins_.leaves(entry, {.position = position_of(entry.at + entry.fade.delay + entry.fade.length),
                          .from = from,
                          .to = to,
                          .fifths = onair::fifths_between(known(from), known(to))});
  onair::post(
      GST_ELEMENT(&bin_),
      onair::Fade{.position = position_of(entry.at),
                  .end = position_of(entry.at + entry.fade.delay + entry.fade.length),
                  .on_air = position_of(entry.enters),
                  .from = from,
                  .to = to,
                  .plan = from != 0 && to != 0 ? onair::words_of(entry, known(from), known(to))
                                               : std::string()});
}

/// A track enters, or its title changes while it is on air. The message has the tags that go out in
/// the stream.
void InnerMessages::tell_on_air(const onair::Edit& edit) {
  const unsigned id = edit.entry.track.value_or(0);
  decks_.learn(id, edit.tags, length_of(mixer_, id));
  const auto track = decks_.track(id);
  if (!track) return;
  const onair::OnAir on_air{position_of(edit.entry.at), position_of(edit.entry.began), *track};
  {
    const std::lock_guard lock(mutex_);
    genre_on_air_ = track->order.genre;
  }
  GST_INFO_OBJECT(&bin_, "on air: %s, %s", track->name().c_str(), track->order.genre.c_str());
  if (edit.entry.what == sound::Edit::What::kRetitled)
    return executor_.tell(on_air.position, on_air);
  executor_.happen(on_air.position, music::OnAir{id}, on_air);
  g_object_notify(G_OBJECT(&bin_), "current-genre");
}

void InnerMessages::hear_source(music::TrackId id, GstMessage* message) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) return pass_on(message);
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ERROR) return;
  gstpp::Error error;
  gchar* detail = nullptr;
  gst_message_parse_error(message, error.out(), &detail);
  const gstpp::String owned(detail);
  GST_INFO_OBJECT(&bin_, "track %" G_GUINT64_FORMAT " failed: %s (%s)", id, error.message().c_str(),
                  detail != nullptr ? detail : "");
  executor_.happen(music::Failed{id, error.message()});
}

/// Posts a source's messages about its servers and for the log as mooddj's own.
void InnerMessages::pass_on(GstMessage* posted) {
  auto message = onair::read(posted);
  if (!message) return;
  auto* servers = std::get_if<onair::Servers>(&*message);
  auto* remark = std::get_if<onair::Remark>(&*message);
  if (servers != nullptr) {
    {
      // Every source that waits for the same servers says the same.
      const std::lock_guard lock(mutex_);
      if (servers->servers == told_servers_) return;
      told_servers_ = servers->servers;
    }
    servers->position = executor_.position();
  } else if (remark != nullptr) {
    remark->position = executor_.position();
  } else {
    return;
  }
  onair::post(GST_ELEMENT(&bin_), *message);
}

}  // namespace infinara
