/**
 * Chat: many users in one room. Shows a typed protocol, and a server that pushes to many connections without letting a
 * slow one hold up the others.
 */
@NullMarked
package io.h2conn.examples.chat;

import org.jspecify.annotations.NullMarked;
