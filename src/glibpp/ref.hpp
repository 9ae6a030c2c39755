// SPDX-License-Identifier: Apache-2.0
// Owners for what GLib counts and frees: each gives back what it took when its scope ends.
#pragma once

#include <glib-object.h>

#include <memory>
#include <string>
#include <utility>

namespace glibpp {

/// How one counted type is counted. GObjects by default; others below, and where their library is.
template <class T>
struct Counted {
  static void ref(T* object) { g_object_ref(object); }
  static void unref(T* object) { g_object_unref(object); }
};

template <>
struct Counted<GBytes> {
  static void ref(GBytes* bytes) { g_bytes_ref(bytes); }
  static void unref(GBytes* bytes) { g_bytes_unref(bytes); }
};
template <>
struct Counted<GMainLoop> {
  static void ref(GMainLoop* loop) { g_main_loop_ref(loop); }
  static void unref(GMainLoop* loop) { g_main_loop_unref(loop); }
};
template <>
struct Counted<GMainContext> {
  static void ref(GMainContext* context) { g_main_context_ref(context); }
  static void unref(GMainContext* context) { g_main_context_unref(context); }
};
template <>
struct Counted<GUri> {
  static void ref(GUri* uri) { g_uri_ref(uri); }
  static void unref(GUri* uri) { g_uri_unref(uri); }
};

/// One counted reference. How it came about is said by name: adopt (transfer full), share (transfer
/// none), sink (floating).
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  Ref(const Ref& other) : Ref(share(other.object_)) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr) Counted<T>::unref(object_);
  }

  static Ref adopt(T* object) { return Ref(object); }
  static Ref share(T* object) {
    if (object != nullptr) Counted<T>::ref(object);
    return Ref(object);
  }
  static Ref sink(T* object) {
    if (object != nullptr) g_object_ref_sink(object);
    return Ref(object);
  }

  T* get() const { return object_; }
  operator T*() const { return object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

  /// Gives the reference to a C function that takes it.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  /// The address that a C function fills with a reference of its own.
  T** out() {
    *this = nullptr;
    return &object_;
  }

 private:
  explicit Ref(T* object) : object_(object) {}
  T* object_ = nullptr;
};

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

using String = std::unique_ptr<char, FreeWith<g_free>>;

/// A GError to be filled by a C function: `call(..., error.out())`.
class Error {
 public:
  Error() = default;
  Error(const Error&) = delete;
  Error& operator=(const Error&) = delete;
  ~Error() { g_clear_error(&error_); }
  GError** out() {
    g_clear_error(&error_);
    return &error_;
  }
  explicit operator bool() const { return error_ != nullptr; }
  std::string message() const { return error_ != nullptr ? error_->message : ""; }
  const GError* get() const { return error_; }

 private:
  GError* error_ = nullptr;
};

/// A signal handler that leaves with its owner. The lambda must not outlive what it captures, so
/// keep the Handler beside it.
class Handler {
 public:
  Handler() = default;
  Handler(gpointer object, gulong id) : object_(Ref<GObject>::share(G_OBJECT(object))), id_(id) {}
  Handler(Handler&& other) noexcept
      : object_(std::move(other.object_)), id_(std::exchange(other.id_, 0)) {}
  Handler& operator=(Handler&& other) noexcept {
    disconnect();
    object_ = std::move(other.object_);
    id_ = std::exchange(other.id_, 0);
    return *this;
  }
  ~Handler() { disconnect(); }
  void disconnect() {
    if (id_ != 0) g_signal_handler_disconnect(object_, std::exchange(id_, 0));
    object_ = nullptr;
  }

 private:
  Ref<GObject> object_;
  gulong id_ = 0;
};

}  // namespace glibpp
