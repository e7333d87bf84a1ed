//! Configuration: releases of files and values, rendered for containers and delivered to them.

pub mod labels;
