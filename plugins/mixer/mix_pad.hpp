// SPDX-License-Identifier: Apache-2.0
// A sink pad of smoothstepmix: one track, its look-ahead and what an operator may see of it.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>

#include "gstpp/element.hpp"
#include "mix_shared.hpp"
#include "pcm_converter.hpp"
#include "sound/beats.hpp"
#include "sound/mix.hpp"

namespace infinara {

class MixPad final : public MixInput {
 public:
  using Base = GstPad;
  using BaseClass = GstPadClass;
  static constexpr const char* kTypeName = "InfinaraSmoothstepMixPad";
  static GType base_type() { return GST_TYPE_PAD; }
  static void class_init(BaseClass* klass);
  explicit MixPad(Base& self);

  struct Settings {
    bool parked = false;
  } settings;

  /// Once, before the pad is used.
  void attach(std::shared_ptr<MixShared> shared, sound::VoiceId voice);
  void changed(const char* property);

  sound::VoiceId voice() const { return voice_; }
  /// Makes the streaming thread return from the pad, or lets it wait there again; shared state
  /// locked.
  void set_flushing(bool flushing);
  void take_all() override;
  void invite(bool eager) override;

 private:
  GstFlowReturn chain(GstObject* mixer, GstBuffer* buffer);
  gboolean event(GstObject* mixer, GstEvent* event);
  gboolean query(GstObject* mixer, GstQuery* query);
  gboolean activate(GstObject* mixer, GstPadMode mode, gboolean active);
  gboolean set_caps(GstElement& mixer, const GstCaps* caps);
  void drain(GstElement& mixer);
  GstFlowReturn feed(std::unique_lock<std::mutex>& held, std::span<const std::int16_t> samples);
  void feed_silence(GstElement& mixer, GstEvent* gap);
  void tag(const GstTagList* list);
  void analyse(std::span<const std::int16_t> samples);
  void look(bool is_whole);
  void describe();

  sound::Mix::Status status() const;
  sound::VoiceState state() const { return status().state; }
  guint64 position() const;
  guint64 queued() const;
  double gain() const { return status().gain; }

  GstPad& pad_;
  std::shared_ptr<MixShared> shared_;
  sound::VoiceId voice_ = 0;

  // The streaming thread's own.
  GstSegment segment_{};
  PcmConverter converter_;
  bool refused_ = false;                       // an error was posted for the caps
  std::unique_ptr<sound::BeatFinder> finder_;  // of a track that does not tell its beats
  bool begun_ = false;                         // its first samples were seen
  std::int64_t looked_ = 0;                    // how much was heard when the beats were looked for
  double told_bpm_ = 0;                        // by its tags; 0: nothing
  sound::Cues told_, found_;                   // by its tags, by its sound

  // Guarded by shared_->lock.
  std::condition_variable moved_;  // there may be room, or the pad is flushing
  bool flushing_ = false;
  bool waiting_ = false;
  std::span<const std::int16_t> in_hand_;  // what the waiting thread wants to write
  bool has_found_ = false;                 // and goes to the mix with these samples
};

}  // namespace infinara
