// SPDX-License-Identifier: Apache-2.0
#include "band/fluid_synth.hpp"

#include <fluidsynth.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <stdexcept>

#include "band/soundfont.hpp"
#include "band/soundfont_loader.hpp"

namespace infinara::band {

namespace {

constexpr int kPolyphony = 96;

/// FluidSynth's measure of time in envelopes.
float cents(double seconds) {
  return static_cast<float>(1200 * std::log2(seconds));
}

/// FluidSynth fills tables of the process when its first synth is made and counts users of fonts
/// without atomics, so making and unmaking is done by one thread at a time. Rendering needs no
/// lock.
std::mutex& making() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

struct FluidSynth::Engine {
  fluid_settings_t* settings = nullptr;
  fluid_synth_t* synth = nullptr;
  std::vector<float*> outputs;
  Nuance nuance;

  ~Engine() {
    const std::scoped_lock lock(making());
    if (synth != nullptr) delete_fluid_synth(synth);
    if (settings != nullptr) delete_fluid_settings(settings);
  }
};

FluidSynth::FluidSynth(const std::string& font, std::span<const Preset> presets)
    : engine_(std::make_unique<Engine>()), stems_(presets.size()) {
  const std::unique_lock lock(making());
  static const bool quiet = [] {  // FluidSynth writes to stderr; our errors are exceptions
    for (const int level : {FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG})
      fluid_set_log_function(level, nullptr, nullptr);
    return true;
  }();
  (void)quiet;
  fluid_settings_t* s = engine_->settings = new_fluid_settings();
  fluid_settings_setnum(s, "synth.sample-rate", sound::kRate);
  fluid_settings_setnum(s, "synth.gain", 0.6);
  fluid_settings_setint(s, "synth.polyphony", kPolyphony);
  fluid_settings_setint(s, "synth.reverb.active", 0);
  fluid_settings_setint(s, "synth.chorus.active", 0);
  fluid_settings_setint(s, "synth.lock-memory", 0);
  fluid_settings_setint(s, "synth.dynamic-sample-loading", 1);
  fluid_settings_setint(s, "synth.threadsafe-api", 0);
  fluid_settings_setint(s, "synth.audio-groups", static_cast<int>(presets.size()));
  fluid_settings_setint(s, "synth.audio-channels", static_cast<int>(presets.size()));
  engine_->synth = new_fluid_synth(s);
  if (engine_->synth != nullptr) use_mapped_fonts(engine_->synth, engine_->nuance);
  std::map<std::string, int> loaded;
  const auto load = [&](const std::string& path) {
    const auto [at, is_new] = loaded.try_emplace(path, FLUID_FAILED);
    // Other files are not shown to FluidSynth, whose loaders complain on stderr.
    if (is_new && engine_->synth != nullptr && SoundFont::open(path) != nullptr)
      at->second = fluid_synth_sfload(engine_->synth, path.c_str(), 0);
    if (at->second == FLUID_FAILED)
      throw std::runtime_error("no soundfont that FluidSynth can read: " + path);
    return at->second;
  };
  for (std::size_t i = 0; i < presets.size(); ++i) {
    const int channel = static_cast<int>(i);
    const auto& p = presets[i];
    const int id = load(p.font.empty() ? font : p.font);
    if (fluid_synth_program_select(engine_->synth, channel, id, p.bank, p.program) != FLUID_OK)
      fluid_synth_program_select(engine_->synth, channel, id, p.bank, 0);
    players_.push_back(
        {p.bank == 128 || !p.font.empty(), !p.font.empty(), std::clamp(p.release, 0.01, 10.0)});
    if (p.release != 1)
      fluid_synth_set_gen(engine_->synth, channel, GEN_VOLENVRELEASE,
                          cents(players_.back().release));
    engine_->outputs.push_back(stems_[i].left.data());
    engine_->outputs.push_back(stems_[i].right.data());
  }
}

FluidSynth::~FluidSynth() = default;

/// A soundfont has one sample for a stroke, or one for each of a few velocities. In place of a
/// round robin of recordings each note differs a little in pitch, start point and brightness; soft
/// strokes of a drum are darker.
void FluidSynth::note_on(int player, int pitch, int velocity) {
  Player& p = players_[static_cast<std::size_t>(player)];
  // Multiples of the golden ratio: evenly spread, and never the same twice in a row.
  const auto place = [](std::uint32_t k) {
    return static_cast<float>(k * 0x9E3779B9U) * (2 / 4294967296.0F) - 1;
  };
  const std::uint32_t stroke = p.strokes++;
  const float one = place(stroke), other = place(5 * stroke + 2);
  const float soft = p.layered ? 0 : 14 * static_cast<float>(127 - velocity);
  if (p.percussion)
    engine_->nuance = {9 * one, 250 * other - soft, static_cast<std::uint32_t>(12 * (1 + other))};
  else
    engine_->nuance = {2.5F * one, 200 * other, 0};
  fluid_synth_noteon(engine_->synth, player, pitch, velocity);
}

void FluidSynth::note_off(int player, int pitch) {
  fluid_synth_noteoff(engine_->synth, player, pitch);
}

/// The font's guitars ring for up to twelve seconds after their note and its cymbals to the end of
/// their samples, and FluidSynth spends as much on that as on a new note: four voices of five in a
/// folk song were such tails. Under what the same player holds now, a tail is inaudible that has
/// fallen by kCovered since its note, and a drum's stroke kStroke after its next; both end within
/// kSoon.
void FluidSynth::end_covered_tails() {
  constexpr double kFall = 96, kCovered = 24;   // dB; a release falls by kFall in the font's time
  constexpr double kStroke = 0.8, kSoon = 0.1;  // seconds
  std::array<fluid_voice_t*, kPolyphony + 1> voices{};  // the last stays null
  fluid_synth_get_voicelist(engine_->synth, voices.data(), kPolyphony, -1);
  const auto player_of = [&](fluid_voice_t* v) -> Player& {
    return players_[static_cast<std::size_t>(fluid_voice_get_channel(v))];
  };
  for (Player& player : players_) player.sounding = false;
  for (auto* const* v = voices.data(); *v != nullptr; ++v)
    if (fluid_voice_is_on(*v) != 0) player_of(*v).sounding = true;
  std::vector<Tail> found;
  for (auto* const* v = voices.data(); *v != nullptr; ++v) {
    if (fluid_voice_is_on(*v) != 0) continue;
    const Player& player = player_of(*v);
    const unsigned id = fluid_voice_get_id(*v);
    const auto known = std::ranges::find(tails_, id, &Tail::voice);
    const Tail& tail = found.emplace_back(known == tails_.end() ? Tail{id, block_} : *known);
    const double release =
        player.release * std::exp2(fluid_voice_gen_get(*v, GEN_VOLENVRELEASE) / 1200);
    const double covered =
        std::min(release * kCovered / kFall, player.percussion ? kStroke : release);
    const double ago = static_cast<double>(block_ - tail.since) * kBlock / sound::kRate;
    if (!player.sounding || release < kSoon || ago < covered) continue;
    fluid_voice_gen_set(*v, GEN_VOLENVRELEASE, cents(kSoon / player.release));
    fluid_voice_update_param(*v, GEN_VOLENVRELEASE);
  }
  tails_ = std::move(found);
}

int FluidSynth::voices() const {
  return fluid_synth_get_active_voice_count(engine_->synth);
}

void FluidSynth::render() {
  if (block_++ % 16 == 0) end_covered_tails();
  for (auto& stem : stems_) stem.clear();
  fluid_synth_process(engine_->synth, kBlock, 0, nullptr, static_cast<int>(engine_->outputs.size()),
                      engine_->outputs.data());
}

}  // namespace infinara::band
