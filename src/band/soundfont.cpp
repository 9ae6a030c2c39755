// SPDX-License-Identifier: Apache-2.0
#include "band/soundfont.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

namespace infinara::band {

namespace {

constexpr int kInstrument = 41, kKeyRange = 43, kVelocityRange = 44, kSampleId = 53;
constexpr int kAttenuation = 48;
constexpr float kAttenuationFactor = 0.4F;  // what the EMU chips make of it; fonts rely on it
constexpr std::size_t kPhdr = 38, kBag = 4, kMod = 10, kGen = 4, kInst = 22, kShdr = 46;

using Bytes = std::span<const std::uint8_t>;

std::uint16_t u16(Bytes b, std::size_t at) {
  return static_cast<std::uint16_t>(b[at] | (b[at + 1] << 8));
}
std::uint32_t u32(Bytes b, std::size_t at) {
  return u16(b, at) | (static_cast<std::uint32_t>(u16(b, at + 2)) << 16);
}

}  // namespace

std::shared_ptr<const SoundFont> SoundFont::open(const std::string& path) {
  static std::mutex mutex;  // guards `opened`
  static std::map<std::string, std::weak_ptr<const SoundFont>> opened;
  const std::scoped_lock lock(mutex);
  if (auto font = opened[path].lock()) return font;
  std::shared_ptr<SoundFont> font(new SoundFont);
  if (!font->map(path) || !font->find_chunks()) return nullptr;
  opened[path] = font;
  return font;
}

bool SoundFont::is_compressed(const std::string& path) {
  SoundFont font;
  return font.map(path) && !font.find_chunks() && font.version_ == 3;
}

SoundFont::~SoundFont() {
  if (!file_.empty()) munmap(const_cast<std::uint8_t*>(file_.data()), file_.size());
}

bool SoundFont::map(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat status {};
  void* memory = MAP_FAILED;
  if (fstat(fd, &status) == 0 && status.st_size > 12)
    memory = mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (memory == MAP_FAILED) return false;
  file_ = {static_cast<const std::uint8_t*>(memory), static_cast<std::size_t>(status.st_size)};
  return true;
}

bool SoundFont::find_chunks() {
  const auto is = [](Bytes b, const char* id) { return std::memcmp(b.data(), id, 4) == 0; };
  if (!is(file_, "RIFF") || !is(file_.subspan(8), "sfbk")) return false;
  const std::map<std::string_view, Bytes*> wanted{
      {"smpl", &samples_}, {"phdr", &phdr_}, {"pbag", &pbag_}, {"pmod", &pmod_}, {"pgen", &pgen_},
      {"inst", &inst_},    {"ibag", &ibag_}, {"imod", &imod_}, {"igen", &igen_}, {"shdr", &shdr_}};
  for (Bytes rest = file_.subspan(12); rest.size() >= 8;) {
    const std::size_t size = std::min<std::size_t>(u32(rest, 4), rest.size() - 8);
    if (is(rest, "LIST") && size >= 4) {
      rest = rest.subspan(12);  // go into it: the chunks inside follow one another
      continue;
    }
    if (is(rest, "ifil") && size >= 2) version_ = u16(rest, 8);
    const std::string_view id(reinterpret_cast<const char*>(rest.data()), 4);
    if (const auto found = wanted.find(id); found != wanted.end())
      *found->second = rest.subspan(8, size);
    rest = rest.subspan(8 + std::min(size + size % 2, rest.size() - 8));
  }
  return version_ == 2 &&
         std::ranges::all_of(wanted, [](const auto& w) { return !w.second->empty(); }) &&
         reinterpret_cast<std::uintptr_t>(samples_.data()) % alignof(std::int16_t) == 0;
}

std::vector<SoundFont::Zone> SoundFont::read_zones(Bytes bags, Bytes generators, Bytes modulators,
                                                   int first, int last, int target_kind) const {
  std::vector<Zone> zones;
  for (int bag = first; bag < last; ++bag) {
    const auto at = static_cast<std::size_t>(bag) * kBag;
    if (at + 2 * kBag > bags.size()) break;
    Zone zone;
    for (std::size_t g = u16(bags, at);
         g < u16(bags, at + kBag) && (g + 1) * kGen <= generators.size(); ++g) {
      const int kind = u16(generators, g * kGen);
      const std::uint16_t raw = u16(generators, g * kGen + 2);
      const auto low = static_cast<std::uint8_t>(raw & 0xff),
                 high = static_cast<std::uint8_t>(raw >> 8);
      if (kind == kKeyRange) {
        zone.key_low = low, zone.key_high = high;
      } else if (kind == kVelocityRange) {
        zone.velocity_low = low, zone.velocity_high = high;
      } else if (kind == target_kind) {
        zone.target = raw;
      } else if (kind < GEN_LAST) {
        const float amount = static_cast<std::int16_t>(raw);
        zone.generators.push_back({static_cast<std::uint8_t>(kind),
                                   kind == kAttenuation ? amount * kAttenuationFactor : amount});
      }
    }
    for (std::size_t m = u16(bags, at + 2);
         m < u16(bags, at + kBag + 2) && (m + 1) * kMod <= modulators.size(); ++m)
      zone.modulators.push_back({u16(modulators, m * kMod), u16(modulators, m * kMod + 2),
                                 u16(modulators, m * kMod + 6),
                                 static_cast<std::int16_t>(u16(modulators, m * kMod + 4))});
    zones.push_back(std::move(zone));
  }
  return zones;
}

namespace {

/// The first zone is global if it names no target; any other without one is void.
void split_global(std::vector<SoundFont::Zone>& zones, SoundFont::Zone& global) {
  if (!zones.empty() && zones.front().target < 0) {
    global = std::move(zones.front());
    zones.erase(zones.begin());
  }
  std::erase_if(zones, [](const auto& z) { return z.target < 0; });
}

}  // namespace

SoundFont::Instrument SoundFont::read_instrument(int index) const {
  Instrument instrument;
  const auto at = static_cast<std::size_t>(index) * kInst;
  if (at + 2 * kInst > inst_.size()) return instrument;
  instrument.zones =
      read_zones(ibag_, igen_, imod_, u16(inst_, at + 20), u16(inst_, at + kInst + 20), kSampleId);
  split_global(instrument.zones, instrument.global);
  return instrument;
}

const SoundFont::Preset* SoundFont::preset(int bank, int program) const {
  const std::scoped_lock lock(mutex_);
  auto& slot = presets_[{bank, program}];
  if (slot) return slot.get();
  for (std::size_t at = 0; at + 2 * kPhdr <= phdr_.size(); at += kPhdr) {
    if (u16(phdr_, at + 20) != program || u16(phdr_, at + 22) != bank) continue;
    auto found = std::make_unique<Preset>();
    const auto* name = reinterpret_cast<const char*>(phdr_.data() + at);
    found->name.assign(name, strnlen(name, 20));
    found->zones = read_zones(pbag_, pgen_, pmod_, u16(phdr_, at + 24), u16(phdr_, at + kPhdr + 24),
                              kInstrument);
    split_global(found->zones, found->global);
    for (const Zone& zone : found->zones)
      if (!found->instruments.contains(zone.target))
        found->instruments.emplace(zone.target, read_instrument(zone.target));
    slot = std::move(found);
    return slot.get();
  }
  return nullptr;
}

SoundFont::Sample SoundFont::sample(int index) const {
  Sample sample;
  const auto at = static_cast<std::size_t>(index) * kShdr;
  if (index < 0 || at + kShdr > shdr_.size()) return sample;
  const std::uint32_t begin = u32(shdr_, at + 20), end = u32(shdr_, at + 24);
  const bool rom = (u16(shdr_, at + 44) & 0x8000) != 0;
  if (rom || end <= begin || end > samples_.size() / 2) return sample;
  sample.data = reinterpret_cast<const std::int16_t*>(samples_.data()) + begin;
  sample.frames = end - begin;
  const auto inside = [&](std::uint32_t x) {
    return std::min(x - std::min(x, begin), sample.frames - 1);
  };
  sample.loop_begin = inside(u32(shdr_, at + 28));
  sample.loop_end = inside(u32(shdr_, at + 32));
  sample.rate = u32(shdr_, at + 36);
  sample.root = shdr_[at + 40] < 128 ? shdr_[at + 40] : 60;
  sample.cents = static_cast<std::int8_t>(shdr_[at + 41]);
  return sample;
}

namespace {

/// What one synth holds of a font. FluidSynth counts the users of a sample without atomics, so
/// each synth has samples of its own; the sound data are shared. Used under the synth's thread.
struct View {
  std::shared_ptr<const SoundFont> font;
  std::map<int, fluid_sample_t*> samples;
  struct Slot {
    View* view;
    const SoundFont::Preset* preset;
    int bank, program;
    fluid_preset_t* fluid;
  };
  std::map<std::pair<int, int>, Slot> presets;

  fluid_sample_t* sample(int index) {
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
    return samples[index] = made;
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
      fluid_sample_t* sample = slot.view->sample(part.target);
      if (sample == nullptr) continue;
      fluid_voice_t* voice = fluid_synth_alloc_voice(synth, sample, channel, key, velocity);
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
    if (sample != nullptr) delete_fluid_sample(sample);
  delete_fluid_sfont(sfont);
  return 0;
}

fluid_sfont_t* load_font(fluid_sfloader_t*, const char* path) {
  auto font = SoundFont::open(path);
  if (!font) return nullptr;
  fluid_sfont_t* sfont = new_fluid_sfont([](fluid_sfont_t*) { return "mapped"; }, get_preset,
                                         nullptr, nullptr, free_font);
  fluid_sfont_set_data(sfont, new View{std::move(font), {}, {}});
  return sfont;
}

}  // namespace

void use_mapped_fonts(fluid_synth_t* synth) {
  fluid_synth_add_sfloader(synth, new_fluid_sfloader(load_font, [](fluid_sfloader_t* loader) {
                             delete_fluid_sfloader(loader);
                           }));
}

}  // namespace infinara::band
