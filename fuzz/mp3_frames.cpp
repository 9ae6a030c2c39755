// SPDX-License-Identifier: Apache-2.0
// The MP3 frame parser. The first byte sets the size of the pieces that the stream arrives in.
#include "cast/mp3_frames.hpp"

#include <string>
#include <vector>

#include "fuzz.hpp"

namespace {

using infinara::cast::Bytes;
using infinara::cast::Mp3Header;
using infinara::cast::Mp3Splitter;
using infinara::fuzz::require;

struct Found {
  std::vector<std::string> frames;
  std::uint64_t skipped = 0;
  std::size_t bytes = 0;
  bool operator==(const Found&) const = default;
};

Found split(Bytes stream, std::size_t piece) {
  Found found;
  Mp3Splitter splitter;
  while (!stream.empty()) {
    const Bytes now = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(now.size());
    splitter.push(now, [&](Bytes frame, const Mp3Header& header) {
      require(frame.size() == header.size, "a frame has the size that its header says");
      require(header.rate > 0 && header.samples > 0, "a header has a rate and a length");
      require(header.side_at() + header.side_size() <= header.size, "the side information fits");
      found.bytes += frame.size();
      found.frames.emplace_back(frame.begin(), frame.end());
    });
  }
  found.skipped = splitter.skipped();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes stream(data + 1, size - 1);
  const Found whole = split(stream, stream.size() + 1);
  require(whole.bytes + whole.skipped <= stream.size(), "no byte is counted twice");
  require(split(stream, data[0] + 1U) == whole, "the pieces of a stream do not change its frames");

  std::vector<Bytes> before;
  for (const std::string& frame : whole.frames) {
    const Bytes next = infinara::cast::bytes_of(frame);
    infinara::cast::is_info_frame(next);
    const auto header = infinara::cast::read_mp3_header(next);
    const std::size_t reach = infinara::cast::reach_back_of(next);
    require(reach <= header->farthest_back(), "no frame reaches back farther than it can");
    const std::string copies = infinara::cast::priming_frames(before, next);
    const Found parts = split(infinara::cast::bytes_of(copies), copies.size() + 1);
    require(
        parts.bytes == copies.size() || parts.skipped > 0 || copies.empty() || before.size() > 1,
        "what precedes a frame is whole frames");
    std::size_t main_data = 0;
    for (std::size_t i = 1; i < parts.frames.size(); ++i)  // the oldest may be reached in part
      main_data +=
          infinara::cast::read_mp3_header(infinara::cast::bytes_of(parts.frames[i]))->main_size();
    require(reach == 0 ? copies.empty() : main_data < reach || parts.frames.size() <= 1,
            "no more frames are copied than are reached");
    before.push_back(next);
    if (before.size() > 40) before.erase(before.begin());
  }
  return 0;
}
