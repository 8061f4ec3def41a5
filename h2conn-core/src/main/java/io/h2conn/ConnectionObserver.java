package io.h2conn;

/** Told of the events of connections' lives. */
public interface ConnectionObserver {}
