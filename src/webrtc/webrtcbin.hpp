// SPDX-License-Identifier: Apache-2.0
// The values that webrtcbin exchanges, by the GTypes that it registers. GStreamer's header for them
// is in libgstreamer-plugins-bad1.0-dev, which brings 230 packages and 195 MB to a new Debian 13.
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>

#include <memory>
#include <string>
#include <string_view>

#include "gstpp/ref.hpp"

namespace infinara::webrtc {

/// An SDP offer or answer: GStreamer's boxed type GstWebRTCSessionDescription. A webrtcbin must
/// have been made before, since it registers the type.
class SessionDescription {
 public:
  enum class Type { kOffer = 1, kAnswer = 3 };  // as GstWebRTCSDPType

  /// Null if the text is no SDP.
  static SessionDescription read(Type type, std::string_view sdp) {
    GstSDPMessage* message = nullptr;
    gst_sdp_message_new(&message);
    const bool is_read =
        gst_sdp_message_parse_buffer(reinterpret_cast<const guint8*>(sdp.data()),
                                     static_cast<guint>(sdp.size()), message) == GST_SDP_OK;
    const Fields fields{static_cast<int>(type), message};
    SessionDescription made(is_read ? static_cast<Fields*>(g_boxed_copy(gtype(), &fields))
                                    : nullptr);
    gst_sdp_message_free(message);
    return made;
  }
  /// The field of a promise's reply; null if there is none. `reply` may be null.
  static SessionDescription of(const GstStructure* reply, const char* field) {
    Fields* got = nullptr;
    if (reply != nullptr) gst_structure_get(reply, field, gtype(), &got, nullptr);
    return SessionDescription(got);
  }
  /// The property of a webrtcbin; null if it is not set yet.
  static SessionDescription of(GstElement* webrtcbin, const char* property) {
    Fields* got = nullptr;
    g_object_get(webrtcbin, property, &got, nullptr);
    return SessionDescription(got);
  }

  explicit operator bool() const { return fields_ != nullptr; }
  /// For webrtcbin's signals, which copy it.
  gconstpointer get() const { return fields_.get(); }
  std::string text() const { return gstpp::String(gst_sdp_message_as_text(fields_->sdp)).get(); }

 private:
  /// As in gst/webrtc/rtcsessiondescription.h, the same in GStreamer 1.16 to 1.28.
  struct Fields {
    int type;
    GstSDPMessage* sdp;
  };
  struct Free {
    void operator()(Fields* fields) const { g_boxed_free(gtype(), fields); }
  };

  explicit SessionDescription(Fields* fields) : fields_(fields) {}
  static GType gtype() { return g_type_from_name("GstWebRTCSessionDescription"); }

  std::unique_ptr<Fields, Free> fields_;
};

/// The nick of a property's value, such as "connected" of "connection-state".
inline std::string_view nick_of(gpointer object, const char* property) {
  const GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), property);
  int value = 0;
  g_object_get(object, property, &value, nullptr);
  const GEnumValue* found = g_enum_get_value(G_PARAM_SPEC_ENUM(spec)->enum_class, value);
  return found != nullptr ? found->value_nick : "";
}

}  // namespace infinara::webrtc
