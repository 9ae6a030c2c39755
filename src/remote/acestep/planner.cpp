// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/planner.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "music/caption.hpp"
#include "music/genre.hpp"
#include "music/prompt_facts.hpp"

namespace infinara::remote {
namespace {

constexpr std::size_t kPromptsKept = 360;  // an hour of tracks of 10 s

// No fade-out anywhere: a fade inside our crossfade is a hole. Where there are drums, a track
// begins and ends with them alone, since a crossfade is easiest there.
std::string form_of(const music::PromptFacts& facts, double duration) {
  const std::string lead = facts.lead.empty() ? "" : " - " + facts.lead;
  const std::string edge = facts.drums ? " - drums only]" : " - sparse]";
  std::string out = "[Instrumental]\n\n[Intro" + edge + "\n\n[Main Theme" + lead + "]\n\n";
  if (duration >= 45) out += "[Breakdown]\n\n[Main Theme]\n\n";
  return out + "[Outro" + edge;
}

music::Tonality tonality_of(const std::string& key) {
  const auto parsed = music::parse_key(key);
  if (!parsed) return music::Tonality::kUnsaid;
  return is_minor(parsed->mode) ? music::Tonality::kMinor : music::Tonality::kMajor;
}

// Whether what the person set by numbers contradicts the words of a caption.
bool contradicts(const TrackRequest& wanted, const music::PromptFacts& facts,
                 const music::Genre& genre) {
  using music::Feel, music::Tonality;
  const music::Genre part = music::with_feel(genre, facts.feel);
  if (wanted.bpm > 0 && facts.feel != Feel::kUnsaid &&
      (wanted.bpm < part.bpm_low || wanted.bpm > part.bpm_high))
    return true;
  const Tonality tonality = tonality_of(wanted.key);
  return tonality != Tonality::kUnsaid && facts.tonality != Tonality::kUnsaid &&
         tonality != facts.tonality;
}

}  // namespace

bool serves(const TrackRequest& one, const TrackRequest& other) {
  // With a caption it is the DJ that orders tempo and key, and what mixes with them is as good.
  const auto particular = [](const TrackRequest& wanted) {
    return !wanted.prompt.empty() || !wanted.lyrics.empty() || wanted.genre.empty() ||
           (wanted.caption.empty() && (wanted.bpm > 0 || !wanted.key.empty()));
  };
  const auto key = music::parse_key(one.key), other_key = music::parse_key(other.key);
  return !particular(one) && !particular(other) && one.genre == other.genre &&
         (one.bpm == other.bpm || music::tempos_mix(one.bpm, other.bpm)) &&
         (key && other_key ? music::keys_mix(*key, *other_key) : key == other_key) &&
         one.format == other.format && one.model == other.model &&
         std::abs(one.duration - other.duration) <= 0.1 * other.duration;
}

// The words come first where they are given, and tempo and key follow them; else the tempo and the
// key go on from the last track's, and the words follow.
Task Planner::plan(const TrackRequest& wanted) {
  Task task;
  const music::Genre* genre = music::find_genre(wanted.genre);
  task.prompt = !wanted.prompt.empty() ? wanted.prompt : wanted.caption;
  music::PromptFacts facts = music::read_prompt(task.prompt);
  // Of the DJ's words, others of the same genre are as good; the person's stay.
  if (wanted.prompt.empty() && genre != nullptr && contradicts(wanted, facts, *genre)) {
    task.prompt.clear();
    facts = {};
  }

  task.bpm = wanted.bpm > 0 ? wanted.bpm : facts.bpm.value_or(0);
  if (task.bpm <= 0 && genre != nullptr)
    task.bpm = music::next_bpm(music::with_feel(*genre, facts.feel), last_bpm_, random_);
  const auto key = music::parse_key(wanted.key);
  task.key = key ? music::key_name(*key) : wanted.key;
  if (task.key.empty() && facts.key) task.key = music::key_name(*facts.key);
  if (task.key.empty() && genre != nullptr) {
    std::optional<music::Key> key;
    do {
      key = music::next_key(last_key_, random_);
    } while (facts.tonality != music::Tonality::kUnsaid &&
             is_minor(key->mode) != (facts.tonality == music::Tonality::kMinor));
    task.key = music::key_name(*key);
  }
  if (task.prompt.empty() && genre != nullptr) {
    const std::vector<std::string_view> late(prompts_.begin(), prompts_.end());
    task.prompt = music::draw_caption(*genre, late, random_, music::feel_of(*genre, task.bpm),
                                      tonality_of(task.key));
    facts = music::read_prompt(task.prompt);
  }
  if (task.prompt.empty()) task.prompt = wanted.genre;
  prompts_.push_back(task.prompt);
  if (prompts_.size() > kPromptsKept) prompts_.pop_front();
  if (task.bpm > 0) last_bpm_ = task.bpm;
  if (const auto key = music::parse_key(task.key)) last_key_ = key;

  task.time_signature = wanted.time_signature.empty() ? "4" : wanted.time_signature;
  const int beats = std::clamp(std::atoi(task.time_signature.c_str()), 2, 6);
  task.duration = std::clamp(wanted.duration, 10.0, 600.0);
  if (task.bpm > 0)
    task.duration = std::round(music::whole_bars(task.duration, task.bpm, beats) * 1000) / 1000;
  task.lyrics = wanted.lyrics.empty() ? form_of(facts, task.duration) : wanted.lyrics;
  task.seed = wanted.seed >= 0 ? wanted.seed : static_cast<std::int64_t>(random_.next() >> 32);
  task.format = wanted.format;
  task.model = wanted.model;
  return task;
}

bool is_patient_model(std::string_view model) {
  const auto has = [&](std::string_view part) { return model.find(part) != model.npos; };
  return (has("base") || has("sft")) && !has("turbo");
}

void suit_model(Task& task, const TrackRequest& wanted, std::string_view model) {
  const bool patient = is_patient_model(model);
  task.steps = wanted.steps > 0 ? wanted.steps : patient ? 50 : 8;
  task.guidance = wanted.guidance > 0 ? wanted.guidance : patient ? 6 : 7;
  task.shift = wanted.shift > 0 ? wanted.shift : patient ? 1 : 3;
  task.no_dcw = patient;
}

}  // namespace infinara::remote
