@NullMarked
package io.registrycenter.http;

import org.jspecify.annotations.NullMarked;
