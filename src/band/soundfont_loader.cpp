// SPDX-License-Identifier: Apache-2.0
#include "band/soundfont_loader.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "band/soundfont.hpp"

namespace infinara::band {

namespace {

/// What one synth holds of a font. FluidSynth counts the users of a sample without atomics, so
/// each synth has samples of its own; the sound data are shared. Used under the synth's thread.
struct View {
  std::shared_ptr<const SoundFont> font;
  const Nuance& nuance;
  struct Held {
    SoundFont::Sample from;
    fluid_sample_t* fluid;  // null if there is no such sample
  };
  std::map<int, Held> samples;
  struct Slot {
    View* view;
    const SoundFont::Preset* preset;
    int bank, program;
    fluid_preset_t* fluid;
  };
  std::map<std::pair<int, int>, Slot> presets;

  const Held& sample(int index) {
    if (const auto found = samples.find(index); found != samples.end()) return found->second;
    const SoundFont::Sample from = font->sample(index);
    fluid_sample_t* made = nullptr;
    if (from.frames > 0) {
      made = new_fluid_sample();
      fluid_sample_set_sound_data(made, const_cast<short*>(from.data), nullptr, from.frames,
                                  from.rate, 0);
      fluid_sample_set_loop(made, from.loop_begin, from.loop_end);
      fluid_sample_set_pitch(made, from.root, from.cents);
    }
    return samples.emplace(index, Held{from, made}).first->second;
  }
};

void add_modulators(fluid_voice_t* voice, const SoundFont::Zone& zone, int mode) {
  // Bits of a source: 0-6 controller, 7 CC, 8 direction, 9 polarity, 10-15 curve.
  const auto flags = [](std::uint16_t source) {
    return ((source & 0x80) != 0 ? FLUID_MOD_CC : FLUID_MOD_GC) |
           ((source & 0x100) != 0 ? FLUID_MOD_NEGATIVE : FLUID_MOD_POSITIVE) |
           ((source & 0x200) != 0 ? FLUID_MOD_BIPOLAR : FLUID_MOD_UNIPOLAR) |
           (((source >> 10) & 3) << 2);
  };
  for (const auto& m : zone.modulators) {
    if (m.target >= GEN_LAST) continue;
    fluid_mod_t* mod = new_fluid_mod();
    fluid_mod_set_source1(mod, m.source & 0x7f, flags(m.source));
    fluid_mod_set_source2(mod, m.amount_source & 0x7f, flags(m.amount_source));
    fluid_mod_set_dest(mod, m.target);
    fluid_mod_set_amount(mod, m.amount);
    fluid_voice_add_mod(voice, mod, mode);  // it copies
    delete_fluid_mod(mod);
  }
}

/// A generator's amount: the local zone's value hides the global one's.
float amount(const SoundFont::Zone& global, const SoundFont::Zone& local, int kind,
             float otherwise) {
  for (const auto* zone : {&local, &global})
    for (const auto& g : zone->generators)
      if (g.kind == kind) return g.amount;
  return otherwise;
}

/// FluidSynth runs through a loop as often as a note's pitch asks for, so that a broken font could
/// hold up the music for ever. The highest keys of FluidR3 need 12772 cents.
constexpr float kMostCents = 14400;

/// How far above its sample a note may rise, in cents.
float rise_of(const SoundFont::Preset& preset, const SoundFont::Zone& zone,
              const SoundFont::Instrument& instrument, const SoundFont::Zone& part,
              const SoundFont::Sample& sample, int key) {
  const auto own = [&](int kind, float otherwise) {
    return amount(instrument.global, part, kind, otherwise);
  };
  const auto sum = [&](int kind, float otherwise = 0) {
    return own(kind, otherwise) + amount(preset.global, zone, kind, 0);
  };
  const float fixed_key = own(GEN_KEYNUM, -1), root = own(GEN_OVERRIDEROOTKEY, -1);
  const float above = (fixed_key >= 0 ? fixed_key : static_cast<float>(key)) -
                      (root >= 0 ? root : static_cast<float>(sample.root));
  float cents = 100 * sum(GEN_COARSETUNE) + sum(GEN_FINETUNE);
  cents += std::abs(sum(GEN_SCALETUNE, 100) * above);
  for (const int kind : {GEN_MODLFOTOPITCH, GEN_VIBLFOTOPITCH, GEN_MODENVTOPITCH})
    cents += std::abs(sum(kind));
  return cents + 1200 * std::log2(static_cast<float>(sample.rate) / 48000.0F);
}

/// SoundFont 2.04 section 9.4: instrument values replace the defaults, preset values are added; a
/// local zone's value hides the global one's.
int note_on(fluid_preset_t* preset, fluid_synth_t* synth, int channel, int key, int velocity) {
  auto& slot = *static_cast<View::Slot*>(fluid_preset_get_data(preset));
  const SoundFont::Preset& from = *slot.preset;
  for (const auto& zone : from.zones) {
    if (!zone.covers(key, velocity)) continue;
    const auto& instrument = from.instruments.at(zone.target);
    for (const auto& part : instrument.zones) {
      if (!part.covers(key, velocity)) continue;
      const View::Held& sample = slot.view->sample(part.target);
      if (sample.fluid == nullptr ||
          rise_of(from, zone, instrument, part, sample.from, key) > kMostCents)
        continue;
      fluid_voice_t* voice = fluid_synth_alloc_voice(synth, sample.fluid, channel, key, velocity);
      if (voice == nullptr) return FLUID_FAILED;
      for (const auto* z : {&instrument.global, &part})
        for (const auto& g : z->generators) fluid_voice_gen_set(voice, g.kind, g.amount);
      for (const auto* z : {&instrument.global, &part})
        add_modulators(voice, *z, FLUID_VOICE_OVERWRITE);
      for (const auto& g : from.global.generators)
        if (std::ranges::find(zone.generators, g.kind, &SoundFont::Generator::kind) ==
            zone.generators.end())
          fluid_voice_gen_incr(voice, g.kind, g.amount);
      for (const auto& g : zone.generators) fluid_voice_gen_incr(voice, g.kind, g.amount);
      for (const auto* z : {&from.global, &zone}) add_modulators(voice, *z, FLUID_VOICE_ADD);
      const Nuance& nuance = slot.view->nuance;
      fluid_voice_gen_incr(voice, GEN_FINETUNE, nuance.cents);
      fluid_voice_gen_incr(voice, GEN_FILTERFC, nuance.bright);
      fluid_voice_gen_incr(voice, GEN_STARTADDROFS, static_cast<float>(nuance.skip));
      fluid_synth_start_voice(synth, voice);
    }
  }
  return FLUID_OK;
}

fluid_preset_t* get_preset(fluid_sfont_t* sfont, int bank, int program) {
  auto& view = *static_cast<View*>(fluid_sfont_get_data(sfont));
  const std::pair id{bank, program};
  if (const auto found = view.presets.find(id); found != view.presets.end())
    return found->second.fluid;
  const SoundFont::Preset* preset = view.font->preset(bank, program);
  if (preset == nullptr) return nullptr;
  auto& slot =
      view.presets.emplace(id, View::Slot{&view, preset, bank, program, nullptr}).first->second;
  slot.fluid = new_fluid_preset(
      sfont,
      [](fluid_preset_t* p) {
        return static_cast<View::Slot*>(fluid_preset_get_data(p))->preset->name.c_str();
      },
      [](fluid_preset_t* p) { return static_cast<View::Slot*>(fluid_preset_get_data(p))->bank; },
      [](fluid_preset_t* p) { return static_cast<View::Slot*>(fluid_preset_get_data(p))->program; },
      note_on, [](fluid_preset_t*) {});
  fluid_preset_set_data(slot.fluid, &slot);
  return slot.fluid;
}

int free_font(fluid_sfont_t* sfont) {
  std::unique_ptr<View> view(static_cast<View*>(fluid_sfont_get_data(sfont)));
  for (auto& [id, slot] : view->presets) delete_fluid_preset(slot.fluid);
  for (auto& [index, sample] : view->samples)
    if (sample.fluid != nullptr) delete_fluid_sample(sample.fluid);
  delete_fluid_sfont(sfont);
  return 0;
}

fluid_sfont_t* load_font(fluid_sfloader_t* loader, const char* path) {
  auto font = SoundFont::open(path);
  if (!font) return nullptr;
  fluid_sfont_t* sfont = new_fluid_sfont([](fluid_sfont_t*) { return "mapped"; }, get_preset,
                                         nullptr, nullptr, free_font);
  fluid_sfont_set_data(
      sfont,
      new View{
          std::move(font), *static_cast<const Nuance*>(fluid_sfloader_get_data(loader)), {}, {}});
  return sfont;
}

}  // namespace

void use_mapped_fonts(fluid_synth_t* synth, const Nuance& nuance) {
  fluid_sfloader_t* loader =
      new_fluid_sfloader(load_font, [](fluid_sfloader_t* l) { delete_fluid_sfloader(l); });
  fluid_sfloader_set_data(loader, const_cast<Nuance*>(&nuance));  // only read
  fluid_synth_add_sfloader(synth, loader);
}

}  // namespace infinara::band
