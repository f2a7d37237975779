# Keys and certificates are made and used.
mkdir -p "$S/keys" && cd "$S/keys"
ssh-keygen -q -t ed25519 -N '' -C somebody -f id_ed25519
ssh-keygen -q -t rsa -b 2048 -N '' -f id_rsa
ssh-keygen -l -f id_rsa.pub > /dev/null
ssh-keygen -y -f id_rsa > /dev/null
ssh-keygen -q -Y sign -f id_ed25519 -n file id_rsa.pub 2> /dev/null
ssh-keygen -q -s id_ed25519 -I host -h id_rsa.pub 2> /dev/null
eval "$(ssh-agent -s)" > /dev/null
ssh-add -q id_ed25519 2> /dev/null; ssh-add -l > /dev/null; ssh-agent -k > /dev/null
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=host.example -keyout key.pem -out cert.pem 2> /dev/null
openssl x509 -noout -text -in cert.pem > /dev/null
openssl verify -CAfile cert.pem cert.pem > /dev/null
openssl rand -hex 16 > /dev/null; openssl dgst -sha256 cert.pem > /dev/null
