// SPDX-License-Identifier: Apache-2.0
#include "band/gm.hpp"

#include <fluidsynth.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "band/soundfont.hpp"

namespace infinara::band {

namespace {

/// FluidSynth fills tables of the process when its first synth is made and counts users of fonts
/// without atomics, so making and unmaking is done by one thread at a time. Rendering needs no
/// lock.
std::mutex& making() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

std::vector<std::string> usual_font_folders() {
  return {"/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts",
          "/usr/local/share/sounds/sf2", "/usr/share/sounds/sf3"};
}

std::optional<std::string> find_font(const std::vector<std::string>& folders) {
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"MuseScore_General_Full.sf2", "MuseScore_General.sf2", "FluidR3_GM.sf2", "FluidR3_GM2-2.sf2",
       "GeneralUser-GS.sf2", "GeneralUser GS.sf2", "TimGM6mb.sf2", "FluidR3Mono_GM.sf3",
       "MuseScore_General_Lite.sf3"});
  std::error_code error;
  for (const auto name : kKnown)
    for (const auto& folder : folders)
      if (const auto path = std::filesystem::path(folder) / name;
          std::filesystem::is_regular_file(path, error))
        return path.string();
  std::vector<std::string> others;  // any, in the order of their names
  for (const auto& folder : folders)
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
      if (entry.path().extension() == ".sf2" && entry.is_regular_file(error))
        others.push_back(entry.path().string());
  if (others.empty()) return std::nullopt;
  return *std::ranges::min_element(others);
}

struct GmSynth::Engine {
  fluid_settings_t* settings = nullptr;
  fluid_synth_t* synth = nullptr;
  std::vector<float*> outputs;

  ~Engine() {
    const std::scoped_lock lock(making());
    if (synth != nullptr) delete_fluid_synth(synth);
    if (settings != nullptr) delete_fluid_settings(settings);
  }
};

GmSynth::GmSynth(const std::string& font, std::span<const Preset> presets)
    : engine_(std::make_unique<Engine>()), stems_(presets.size()) {
  int id = FLUID_FAILED;
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
  fluid_settings_setint(s, "synth.polyphony", 96);
  fluid_settings_setint(s, "synth.reverb.active", 0);
  fluid_settings_setint(s, "synth.chorus.active", 0);
  fluid_settings_setint(s, "synth.lock-memory", 0);
  fluid_settings_setint(s, "synth.dynamic-sample-loading", 1);
  fluid_settings_setint(s, "synth.threadsafe-api", 0);
  fluid_settings_setint(s, "synth.audio-groups", static_cast<int>(presets.size()));
  fluid_settings_setint(s, "synth.audio-channels", static_cast<int>(presets.size()));
  engine_->synth = new_fluid_synth(s);
  // What is neither is not even shown to FluidSynth, whose loaders complain on stderr.
  if (engine_->synth != nullptr &&
      (SoundFont::open(font) != nullptr || SoundFont::is_compressed(font))) {
    use_mapped_fonts(engine_->synth);
    id = fluid_synth_sfload(engine_->synth, font.c_str(), 0);
  }
  if (id == FLUID_FAILED)
    throw std::runtime_error("no soundfont that FluidSynth can read: " + font);
  for (std::size_t i = 0; i < presets.size(); ++i) {
    const int channel = static_cast<int>(i);
    const auto& p = presets[i];
    if (fluid_synth_program_select(engine_->synth, channel, id, p.bank, p.program) != FLUID_OK)
      fluid_synth_program_select(engine_->synth, channel, id, p.bank, 0);
    if (p.release != 1)  // in cents of time
      fluid_synth_set_gen(engine_->synth, channel, GEN_VOLENVRELEASE,
                          static_cast<float>(1200 * std::log2(std::clamp(p.release, 0.01, 10.0))));
    engine_->outputs.push_back(stems_[i].left.data());
    engine_->outputs.push_back(stems_[i].right.data());
  }
}

GmSynth::~GmSynth() = default;

void GmSynth::note_on(int player, int pitch, int velocity) {
  fluid_synth_noteon(engine_->synth, player, pitch, velocity);
}

void GmSynth::note_off(int player, int pitch) {
  fluid_synth_noteoff(engine_->synth, player, pitch);
}

void GmSynth::render() {
  for (auto& stem : stems_) stem.clear();
  fluid_synth_process(engine_->synth, kBlock, 0, nullptr, static_cast<int>(engine_->outputs.size()),
                      engine_->outputs.data());
}

}  // namespace infinara::band
