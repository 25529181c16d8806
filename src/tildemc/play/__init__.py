"""The playground, `tildemc play`: a page on this machine that tells what a formula means while it is typed."""
