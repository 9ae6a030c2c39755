// SPDX-License-Identifier: Apache-2.0
// MP3 as a sequence of frames: where each begins, and what a listener that starts at one needs
// first.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace infinara::cast {

using Bytes = std::span<const std::uint8_t>;

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// What the four bytes of a Layer III header say (ISO 11172-3 2.4.1.3, ISO 13818-3 for the low
/// sampling rates).
struct Mp3Header {
  bool mpeg1 = true;  // else MPEG-2 or 2.5: one granule a frame
  bool crc = false;
  int rate = 0;          // Hz
  int channels = 0;      // 1 or 2
  int bitrate = 0;       // kbit/s
  int samples = 0;       // a frame, of each channel
  std::size_t size = 0;  // bytes of the frame, header included

  std::chrono::nanoseconds duration() const {
    return std::chrono::nanoseconds(std::int64_t{1'000'000'000} * samples / rate);
  }
  /// Where the side information begins, and its length.
  std::size_t side_at() const { return crc ? 6 : 4; }
  std::size_t side_size() const {
    return mpeg1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17);
  }
  /// Bytes of main data: what is left of the frame.
  std::size_t main_size() const { return size - side_at() - side_size(); }
  /// The farthest that a frame may reach back into the main data of those before it.
  std::size_t farthest_back() const { return mpeg1 ? 511 : 255; }
};

/// Nothing, if the bytes do not begin with a Layer III header or are fewer than four. Free format
/// is not known, since its frames do not say how long they are.
std::optional<Mp3Header> read_mp3_header(Bytes bytes);

/// How many bytes before its own main data a whole frame reaches back (main_data_begin).
std::size_t reach_back_of(Bytes frame);

/// True for a frame that holds a Xing, Info or VBRI table instead of sound: it describes a file,
/// and lies about a stream.
bool is_info_frame(Bytes frame);

/// Finds the frames in a stream that comes in pieces of any size. Where no frame begins, it
/// searches for two consecutive headers that agree.
class Mp3Splitter {
 public:
  using Take = std::function<void(Bytes frame, const Mp3Header& header)>;

  /// Calls `take` for each frame that is now complete. The bytes are valid until it returns.
  void push(Bytes bytes, const Take& take);
  /// Drops an incomplete frame: the next bytes begin a new one.
  void reset();
  /// False if the next byte is in the middle of a frame, or may be.
  bool is_between_frames() const { return held_.empty(); }
  /// Bytes so far that belong to no frame.
  std::uint64_t skipped() const { return skipped_; }

 private:
  std::size_t scan(Bytes bytes, const Take& take);

  std::vector<std::uint8_t> held_;
  std::optional<Mp3Header> last_;
  bool trusted_ = true;  // the next byte should be a header
  std::uint64_t skipped_ = 0;
};

/// Bit-reservoir priming frames: what to send before frame `next`, so that a decoder that starts
/// there decodes it as if it had got the whole stream. They are copies of the frames before it
/// (`before`, oldest first) that decode to silence and carry the main data that `next` reaches back
/// into. There are as many as needed, or fewer if `before` does not hold enough. Their side
/// information is zero but for main_data_begin (ISO 11172-3 2.4.1.7), which chains them, so
/// decoders keep their bytes.
std::string priming_frames(std::span<const Bytes> before, Bytes next);

/// How long a decoder that starts with the frames `priming` plays before it comes to the time stamp
/// of the frame `next`: through the priming frames, and through the delay of LAME (576 samples) and
/// of every decoder (529). Zero if `next` is no frame.
std::chrono::nanoseconds mp3_delay(std::string_view priming, Bytes next);

}  // namespace infinara::cast
