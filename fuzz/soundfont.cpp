// SPDX-License-Identifier: Apache-2.0
// SoundFont files. All presets and samples of one that is accepted are read, and FluidSynth plays a
// note of the first.
#include "band/soundfont.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <memory>
#include <string>

#include "band/soundfont_loader.hpp"
#include "fuzz.hpp"

namespace {

using infinara::band::SoundFont;
using infinara::fuzz::require;

void check(const SoundFont::Zone& zone, std::size_t& generators) {
  generators += zone.generators.size() + zone.modulators.size() + 1;
  for (const auto& generator : zone.generators)
    require(generator.kind < GEN_LAST, "a generator is one of FluidSynth's");
}

void read_all(const SoundFont& font, std::size_t size) {
  for (const int bank : {0, 1, 8, 128})
    for (int program = 0; program < 128; ++program) {
      const SoundFont::Preset* preset = font.preset(bank, program);
      if (preset == nullptr) continue;
      require(preset->name.size() <= 20, "a preset's name is 20 bytes at most");
      std::size_t records = 0;
      check(preset->global, records);
      for (const auto& zone : preset->zones) {
        check(zone, records);
        require(preset->instruments.contains(zone.target), "a zone's instrument is read");
      }
      for (const auto& [index, instrument] : preset->instruments) {
        check(instrument.global, records);
        for (const auto& zone : instrument.zones) check(zone, records);
      }
      require(records <= size, "what is read is no larger than the file");
    }
  for (int index = -1; index < static_cast<int>(size / 46) + 2; ++index) {
    const SoundFont::Sample sample = font.sample(index);
    if (sample.frames == 0) continue;
    volatile int sum = sample.data[0];
    sum = sum + sample.data[sample.frames - 1];
    require(sample.loop_begin < sample.frames && sample.loop_end < sample.frames,
            "a loop lies inside its sample");
    require(sample.root >= 0 && sample.root < 128, "a root is MIDI's");
  }
}

struct Synth {
  Synth() {
    for (const int level : {FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG})
      fluid_set_log_function(level, nullptr, nullptr);
    settings = new_fluid_settings();
    fluid_settings_setint(settings, "synth.polyphony", 16);
    fluid_settings_setint(settings, "synth.reverb.active", 0);
    fluid_settings_setint(settings, "synth.chorus.active", 0);
    fluid_settings_setint(settings, "synth.dynamic-sample-loading", 1);
    synth = new_fluid_synth(settings);
    infinara::band::use_mapped_fonts(synth, nuance);
  }
  ~Synth() {
    delete_fluid_synth(synth);
    delete_fluid_settings(settings);
  }
  fluid_settings_t* settings = nullptr;
  fluid_synth_t* synth = nullptr;
  infinara::band::Nuance nuance;
};

void play(const std::uint8_t* data, std::size_t size) {
  static const Synth player;
  const int fd = memfd_create("font", MFD_CLOEXEC);
  require(fd >= 0 && write(fd, data, size) == static_cast<ssize_t>(size), "there is memory");
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int id = fluid_synth_sfload(player.synth, path.c_str(), 1);
  close(fd);
  require(id != FLUID_FAILED, "FluidSynth takes a font that we take");
  for (const int key : {36, 60, 84}) fluid_synth_noteon(player.synth, 0, key, 100);
  float left[256], right[256];
  for (int block = 0; block < 4; ++block) {
    if (block == 2) fluid_synth_all_notes_off(player.synth, -1);
    fluid_synth_write_float(player.synth, 256, left, 0, 1, right, 0, 1);
  }
  fluid_synth_all_sounds_off(player.synth, -1);
  fluid_synth_write_float(player.synth, 256, left, 0, 1, right, 0, 1);
  fluid_synth_sfunload(player.synth, id, 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto font = SoundFont::read({data, size});
  if (!font) return 0;
  read_all(*font, size);
  play(data, size);
  return 0;
}
