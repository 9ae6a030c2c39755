// SPDX-License-Identifier: Apache-2.0
#include "band/soundfont.hpp"

#include <fcntl.h>
#include <sndfile.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace infinara::band {

namespace {

constexpr int kInstrument = 41, kKeyRange = 43, kVelocityRange = 44, kSampleId = 53;
constexpr int kLastGenerator = 58;  // overridingRootKey
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

std::shared_ptr<const SoundFont> SoundFont::read(Bytes bytes) {
  std::shared_ptr<SoundFont> font(new SoundFont);
  font->file_ = bytes;
  return bytes.size() > 12 && font->find_chunks() ? font : nullptr;
}

SoundFont::~SoundFont() {
  if (is_mapped_) munmap(const_cast<std::uint8_t*>(file_.data()), file_.size());
}

bool SoundFont::map(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat status {};
  void* memory = MAP_FAILED;
  if (::fstat(fd, &status) == 0 && status.st_size > 12)
    memory =
        ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  ::close(fd);
  if (memory == MAP_FAILED) return false;
  file_ = {static_cast<const std::uint8_t*>(memory), static_cast<std::size_t>(status.st_size)};
  is_mapped_ = true;
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
  return (version_ == 2 || version_ == 3) &&
         std::ranges::all_of(wanted, [](const auto& w) { return !w.second->empty(); }) &&
         reinterpret_cast<std::uintptr_t>(samples_.data()) % alignof(std::int16_t) == 0 &&
         has_ordered_indices();
}

/// SoundFont 2.04, 7.2 to 7.7: indices into another list never decrease. Without that, each of
/// 65536 zones could claim all of 65536 generators, and a small file fill the memory.
bool SoundFont::has_ordered_indices() const {
  const auto is_ordered = [](Bytes records, std::size_t size, std::size_t field) {
    std::uint16_t before = 0;
    for (std::size_t at = field; at + 2 <= records.size(); at += size)
      if (u16(records, at) < std::exchange(before, u16(records, at))) return false;
    return true;
  };
  return is_ordered(phdr_, kPhdr, 24) && is_ordered(inst_, kInst, 20) &&
         is_ordered(pbag_, kBag, 0) && is_ordered(pbag_, kBag, 2) && is_ordered(ibag_, kBag, 0) &&
         is_ordered(ibag_, kBag, 2);
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
      } else if (kind <= kLastGenerator) {
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

namespace {

/// A file in memory, as libsndfile reads it.
struct MemoryFile {
  Bytes bytes;
  sf_count_t at = 0;

  sf_count_t size() const { return static_cast<sf_count_t>(bytes.size()); }

  static SF_VIRTUAL_IO calls() {
    SF_VIRTUAL_IO io{};
    io.get_filelen = [](void* me) { return static_cast<MemoryFile*>(me)->size(); };
    io.seek = [](sf_count_t offset, int whence, void* me) {
      auto& r = *static_cast<MemoryFile*>(me);
      const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? r.at : r.size();
      return r.at = std::clamp<sf_count_t>(from + offset, 0, r.size());
    };
    io.read = [](void* to, sf_count_t count, void* me) {
      auto& r = *static_cast<MemoryFile*>(me);
      count = std::clamp<sf_count_t>(count, 0, r.size() - r.at);
      if (count > 0) std::memcpy(to, r.bytes.data() + r.at, static_cast<std::size_t>(count));
      r.at += count;
      return count;
    };
    io.write = [](const void*, sf_count_t, void*) -> sf_count_t { return 0; };
    io.tell = [](void* me) { return static_cast<MemoryFile*>(me)->at; };
    return io;
  }
};

constexpr sf_count_t kMostFrames = 1 << 24;  // 32 MB; silence is small when it is compressed

/// Empty if libsndfile cannot read it, or it is not mono.
std::vector<std::int16_t> decode(Bytes file) {
  MemoryFile memory{file};
  SF_VIRTUAL_IO io = MemoryFile::calls();
  SF_INFO info{};
  SNDFILE* opened = sf_open_virtual(&io, SFM_READ, &info, &memory);
  std::vector<std::int16_t> frames;
  if (opened != nullptr && info.channels == 1 && info.frames > 0 && info.frames <= kMostFrames) {
    frames.resize(static_cast<std::size_t>(info.frames));
    const sf_count_t read = sf_readf_short(opened, frames.data(), info.frames);
    frames.resize(static_cast<std::size_t>(std::max<sf_count_t>(read, 0)));
  }
  sf_close(opened);
  return frames;
}

}  // namespace

std::shared_ptr<const std::vector<std::int16_t>> SoundFont::decoded(int index, std::uint32_t begin,
                                                                    std::uint32_t end) const {
  const std::scoped_lock lock(mutex_);
  if (auto known = decoded_[index].lock()) return known;
  auto made = std::make_shared<const std::vector<std::int16_t>>(
      decode(samples_.subspan(begin, end - begin)));
  decoded_[index] = made;
  return made;
}

SoundFont::Sample SoundFont::sample(int index) const {
  Sample sample;
  const auto at = static_cast<std::size_t>(index) * kShdr;
  if (index < 0 || at + kShdr > shdr_.size()) return sample;
  const std::uint32_t begin = u32(shdr_, at + 20), end = u32(shdr_, at + 24);
  const std::uint16_t kind = u16(shdr_, at + 44);
  const bool rom = (kind & 0x8000) != 0, compressed = version_ == 3 && (kind & 0x10) != 0;
  const std::uint32_t rate = u32(shdr_, at + 36);
  if (rom || end <= begin || end > samples_.size() / (compressed ? 1 : 2) || rate == 0)
    return sample;
  if (compressed) {  // begin and end count bytes, and a loop counts from the sample's first frame
    sample.decoded = decoded(index, begin, end);
    if (sample.decoded->empty()) return sample;
    sample.data = sample.decoded->data();
    sample.frames = static_cast<std::uint32_t>(sample.decoded->size());
  } else {
    sample.data = reinterpret_cast<const std::int16_t*>(samples_.data()) + begin;
    sample.frames = end - begin;
  }
  const auto inside = [&, from = compressed ? 0 : begin](std::uint32_t x) {
    return std::min(x - std::min(x, from), sample.frames - 1);
  };
  sample.loop_begin = inside(u32(shdr_, at + 28));
  sample.loop_end = inside(u32(shdr_, at + 32));
  sample.rate = rate;
  sample.root = shdr_[at + 40] < 128 ? shdr_[at + 40] : 60;
  sample.cents = static_cast<std::int8_t>(shdr_[at + 41]);
  return sample;
}

}  // namespace infinara::band
