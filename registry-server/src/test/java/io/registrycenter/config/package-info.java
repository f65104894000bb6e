@NullMarked
package io.registrycenter.config;

import org.jspecify.annotations.NullMarked;
