// SPDX-License-Identifier: Apache-2.0
#include "broadcast/stream_format.hpp"

#include <string_view>

#include "gstpp/ref.hpp"

namespace infinara {

namespace {

using Cut = StreamFormat::Cut;
using Headers = StreamFormat::Headers;

/// A row says what is served, or what is refused and with which remedy. Caps take the first row
/// that they are a subset of.
struct Row {
  const char* caps;
  std::string_view type;  // empty: refused
  Cut cut;
  Headers headers;
  std::string_view what, remedy;  // "No player could join WHAT: put REMEDY before …"
};

constexpr Row served(const char* caps, std::string_view type, Cut cut = Cut::kBuffers) {
  return {caps, type, cut, Headers::kIfAny, "a stream that is not what its caps say", "parsebin"};
}
constexpr Row served_with(Headers headers, const char* caps, std::string_view type,
                          std::string_view what, std::string_view remedy, Cut cut = Cut::kBuffers) {
  return {caps, type, cut, headers, what, remedy};
}
constexpr Row refused(const char* caps, std::string_view what, std::string_view remedy) {
  return {caps, "", Cut::kBuffers, Headers::kIfAny, what, remedy};
}

constexpr std::string_view kAdts = "aacparse ! audio/mpeg,stream-format=adts";
constexpr std::string_view kPcm = "an encoder, such as lamemp3enc, or wavenc";
constexpr std::string_view kMatroska = "matroskamux streamable=true";
constexpr std::string_view kFragments = "mp4mux fragment-duration=1000 streamable=true";

const Row kRows[] = {
    // MPEG audio
    served("audio/mpeg, mpegversion=(int)1, layer=(int)3", "audio/mpeg", Cut::kMp3Frames),
    refused("audio/mpeg, mpegversion=(int)1, layer=(int)[1, 2], parsed=(boolean)false",
            "MPEG audio that is not cut into frames", "mpegaudioparse"),
    served("audio/mpeg, mpegversion=(int)1, layer=(int)[1, 2]", "audio/mpeg"),
    refused("audio/mpeg, mpegversion=(int)1", "MPEG audio of an unknown layer", "mpegaudioparse"),
    refused("audio/mpeg, mpegversion=(int){2, 4}, stream-format=adts, framed=(boolean)false",
            "AAC that is not cut into frames", "aacparse"),
    served("audio/mpeg, mpegversion=(int){2, 4}, stream-format=adts", "audio/aac"),
    refused("audio/mpeg, mpegversion=(int){2, 4}, stream-format=loas", "AAC in LOAS",
            "avdec_aac_latm ! audioconvert ! lamemp3enc"),
    refused("audio/mpeg, mpegversion=(int){2, 4}", "AAC without ADTS headers", kAdts),
    refused("audio/mpeg", "MPEG audio of an unknown version",
            "mpegaudioparse (MP3) or aacparse (AAC)"),
    // other frames that players know without a container
    refused("audio/x-flac, framed=(boolean)false", "FLAC that is not cut into frames", "flacparse"),
    served_with(Headers::kNeeded, "audio/x-flac", "audio/flac", "FLAC without its STREAMINFO",
                "flacparse", Cut::kFlacFrames),
    refused("audio/x-ac3, framed=(boolean)false", "AC-3 that is not cut into frames", "ac3parse"),
    served("audio/x-ac3", "audio/ac3"),
    refused("audio/x-eac3, framed=(boolean)false", "E-AC-3 that is not cut into frames",
            "ac3parse"),
    served("audio/x-eac3", "audio/eac3"),
    refused("audio/x-dts, framed=(boolean)false", "DTS that is not cut into frames", "dcaparse"),
    served("audio/x-dts", "audio/vnd.dts"),
    refused("audio/x-wavpack, framed=(boolean)false", "WavPack that is not cut into blocks",
            "wavpackparse"),
    served("audio/x-wavpack", "audio/x-wavpack"),
    // containers
    served_with(Headers::kNeeded, "application/ogg", "application/ogg",
                "an Ogg stream without its headers", "oggparse"),
    served_with(Headers::kNeeded, "audio/ogg", "audio/ogg", "an Ogg stream without its headers",
                "oggparse"),
    served_with(Headers::kNeeded, "video/ogg", "video/ogg", "an Ogg stream without its headers",
                "oggparse"),
    served_with(Headers::kNeededSoon, "audio/webm", "audio/webm", "WebM without its headers",
                "matroskademux ! webmmux streamable=true"),
    served_with(Headers::kNeededSoon, "video/webm", "video/webm", "WebM without its headers",
                "matroskademux ! webmmux streamable=true"),
    served_with(Headers::kNeededSoon, "audio/x-matroska", "audio/webm",
                "Matroska without its headers", "matroskademux ! matroskamux streamable=true"),
    served_with(Headers::kNeededSoon, "video/x-matroska", "video/webm",
                "Matroska without its headers", "matroskademux ! matroskamux streamable=true"),
    served_with(Headers::kNeededSoon, "video/x-flv", "video/x-flv", "FLV without its headers",
                "flvdemux ! flvmux streamable=true"),
    served_with(Headers::kNeededSoon, "video/x-ms-asf", "video/x-ms-asf", "ASF without its headers",
                "asfparse"),
    served("video/mpegts", "video/mp2t", Cut::kTsPackets),
    served("video/mpeg, systemstream=(boolean)true", "video/mpeg"),
    served("multipart/x-mixed-replace", "multipart/x-mixed-replace"),
    served_with(Headers::kIfAny, "video/quicktime", "video/mp4", "an MP4 file without fragments",
                kFragments, Cut::kMp4Fragments),
    served_with(Headers::kIfAny, "video/mp4", "video/mp4", "an MP4 file without fragments",
                kFragments, Cut::kMp4Fragments),
    served_with(Headers::kIfAny, "audio/x-m4a", "audio/mp4", "an MP4 file without fragments",
                kFragments, Cut::kMp4Fragments),
    served_with(Headers::kIfAny, "audio/mp4", "audio/mp4", "an MP4 file without fragments",
                kFragments, Cut::kMp4Fragments),
    served_with(Headers::kIfAny, "audio/x-wav", "audio/wav", "a WAV stream without its header",
                "wavparse ! wavenc", Cut::kWavBlocks),
    refused("audio/x-rf64", "RF64, which states its length", "wavenc ! audio/x-wav"),
    refused("video/x-msvideo", "AVI, whose headers stand at its beginning alone", kMatroska),
    refused("audio/x-aiff", "AIFF, which states its length", "wavenc, in place of aiffmux,"),
    refused("audio/x-au", "AU", "auparse ! wavenc"),
    refused("application/x-id3", "a file with ID3 tags",
            "the parser of the format, such as mpegaudioparse, in place of the tag muxer"),
    refused("application/x-apetag", "a file with APE tags",
            "the parser of the format, such as mpegaudioparse, in place of the tag muxer"),
    // what has no frames that a player could find
    refused("audio/x-raw", "raw audio", kPcm),
    refused("audio/x-mulaw", "µ-law samples without a header", "wavenc"),
    refused("audio/x-alaw", "A-law samples without a header", "wavenc"),
    refused("audio/x-opus", "bare Opus packets", "oggmux or webmmux streamable=true"),
    refused("audio/x-vorbis", "bare Vorbis packets", "oggmux or webmmux streamable=true"),
    refused("audio/x-speex", "bare Speex packets", "oggmux"),
    refused("audio/x-celt", "bare CELT packets", "oggmux"),
    refused("audio/x-alac", "bare ALAC packets", kFragments),
    refused("audio/x-tta", "bare TTA packets", kMatroska),
    refused("audio/x-wma", "bare WMA packets", "asfmux streamable=true"),
    refused("audio/AMR", "bare AMR packets", "amrnbdec ! audioconvert ! lamemp3enc"),
    refused("audio/AMR-WB", "bare AMR-WB packets", "amrwbdec ! audioconvert ! lamemp3enc"),
    refused("video/x-raw", "raw video", "an encoder and a muxer, such as vp8enc ! webmmux,"),
    refused("image/jpeg", "single JPEG images", "multipartmux"),
    refused("image/png", "single PNG images", "multipartmux"),
    refused("application/x-rtp", "RTP packets", "a depayloader and a muxer, such as oggmux,"),
    refused("application/x-rtp-stream", "RTP packets",
            "rtpstreamdepay, a depayloader and a muxer, such as oggmux,"),
};

bool matches(const GstCaps* caps, const Row& row) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const auto wanted = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(row.caps));
  const GstStructure* pattern = gst_caps_get_structure(wanted, 0);
  return gst_structure_has_name(structure, gst_structure_get_name(pattern)) != FALSE &&
         gst_structure_is_subset(structure, pattern) != FALSE;
}

std::string sentence(std::string_view what, std::string_view remedy) {
  return "No player could join " + std::string(what) + ": put " + std::string(remedy) +
         " before httpbroadcastsink.";
}

bool has_headers(const GstStructure* structure) {
  const GValue* list = gst_structure_get_value(structure, "streamheader");
  return list != nullptr && GST_VALUE_HOLDS_ARRAY(list) && gst_value_array_get_size(list) > 0;
}

/// A kind that the table does not name is served if its caps bring headers and it is no bare audio
/// or video.
StreamFormat unknown(const GstStructure* structure) {
  const std::string name = gst_structure_get_name(structure);
  StreamFormat format;
  if (has_headers(structure) && !name.starts_with("audio/") && !name.starts_with("video/"))
    format.type = name;
  else
    format.refusal = sentence("a stream of " + name,
                              "a muxer that takes it, such as oggmux, mpegtsmux or matroskamux "
                              "streamable=true, or decodebin ! audioconvert ! lamemp3enc");
  return format;
}

}  // namespace

StreamFormat format_of(const GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  for (const Row& row : kRows) {
    if (!matches(caps, row)) continue;
    StreamFormat format{.cut = row.cut,
                        .headers = row.headers,
                        .type = std::string(row.type),
                        .remedy = sentence(row.what, row.remedy)};
    if (row.type.empty() || (row.headers == Headers::kNeeded && !has_headers(structure)))
      format.refusal = format.remedy;
    if (const char* boundary = gst_structure_get_string(structure, "boundary"))
      format.type += ";boundary=" + std::string(boundary);
    return format;
  }
  return unknown(structure);
}

}  // namespace infinara
