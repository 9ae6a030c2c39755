// SPDX-License-Identifier: Apache-2.0
// Owners for what GStreamer counts, frees, locks and maps, beside those of glibpp: each gives back
// what it took when its scope ends.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <span>

#include "glibpp/ref.hpp"

namespace gstpp {

using glibpp::Error;
using glibpp::FreeWith;
using glibpp::Handler;
using glibpp::Ref;
using glibpp::String;

using Structure = std::unique_ptr<GstStructure, FreeWith<gst_structure_free>>;

template <class T>
struct CountedMiniObject {
  static void ref(T* object) { gst_mini_object_ref(GST_MINI_OBJECT_CAST(object)); }
  static void unref(T* object) { gst_mini_object_unref(GST_MINI_OBJECT_CAST(object)); }
};

}  // namespace gstpp

template <>
struct glibpp::Counted<GstBuffer> : gstpp::CountedMiniObject<GstBuffer> {};
template <>
struct glibpp::Counted<GstCaps> : gstpp::CountedMiniObject<GstCaps> {};
template <>
struct glibpp::Counted<GstEvent> : gstpp::CountedMiniObject<GstEvent> {};
template <>
struct glibpp::Counted<GstMessage> : gstpp::CountedMiniObject<GstMessage> {};
template <>
struct glibpp::Counted<GstQuery> : gstpp::CountedMiniObject<GstQuery> {};
template <>
struct glibpp::Counted<GstSample> : gstpp::CountedMiniObject<GstSample> {};
template <>
struct glibpp::Counted<GstTagList> : gstpp::CountedMiniObject<GstTagList> {};

namespace gstpp {

/// A buffer's bytes for as long as the object lives. The mapping of a readable buffer fails only
/// when its memory cannot be had; the span is empty then.
class Map {
 public:
  Map(GstBuffer* buffer, int flags) : buffer_(buffer) {
    mapped_ = gst_buffer_map(buffer, &info_, static_cast<GstMapFlags>(flags)) != FALSE;
  }
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  ~Map() {
    if (mapped_) gst_buffer_unmap(buffer_, &info_);
  }
  /// The bytes seen as values of T; a rest shorter than one T is left out.
  template <class T>
  std::span<T> as() const {
    if (!mapped_) return {};
    return {reinterpret_cast<T*>(info_.data), info_.size / sizeof(T)};
  }

 private:
  GstBuffer* buffer_;
  GstMapInfo info_{};
  bool mapped_ = false;
};

/// Holds GST_OBJECT_LOCK for a scope.
class ObjectLock {
 public:
  explicit ObjectLock(gpointer object) : object_(GST_OBJECT_CAST(object)) {
    GST_OBJECT_LOCK(object_);
  }
  ObjectLock(const ObjectLock&) = delete;
  ObjectLock& operator=(const ObjectLock&) = delete;
  ~ObjectLock() { GST_OBJECT_UNLOCK(object_); }

 private:
  GstObject* object_;
};

}  // namespace gstpp
